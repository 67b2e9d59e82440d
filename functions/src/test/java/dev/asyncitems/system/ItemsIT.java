package dev.asyncitems.system;

import static org.assertj.core.api.Assertions.assertThat;

import dev.asyncitems.system.Api.Answer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Items over HTTP: the statuses, headers and bodies of the API's table. */
@ExtendWith(Running.class)
final class ItemsIT {
  private static final String UUID_V7 =
      "[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}";
  private static final String TIME = "\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d\\.\\d{3}Z";

  private final Api api;

  ItemsIT(Api api) {
    this.api = api;
  }

  @Test
  void createsAnItem() throws Exception {
    Answer created =
        api.send(
            "POST",
            "/items",
            """
            {"name": "Lamp", "description": "line\\none", "price": 12.50, "tags": ["a", "b"]}\
            """,
            "Content-Type",
            "application/json; charset=UTF-8");

    assertThat(created.status()).isEqualTo(201);
    assertThat(created.header("Content-Type")).isEqualTo("application/json");
    assertThat(created.header("ETag")).isEqualTo("\"1\"");
    assertThat(created.header("Location")).isEqualTo("/items/" + created.text("id"));
    assertThat(created.text())
        .matches(
            "\\{\"id\":\""
                + UUID_V7
                + "\",\"name\":\"Lamp\",\"description\":\"line\\\\none\",\"price\":12.5,"
                + "\"tags\":\\[\"a\",\"b\"],\"createdAt\":\""
                + TIME
                + "\",\"updatedAt\":\""
                + TIME
                + "\",\"version\":1}");
  }

  @Test
  void readsWhatWasCreated() throws Exception {
    Answer created = create("{\"name\":\"Lamp\",\"price\":100.00}");

    Answer read = api.get(created.header("Location"));

    assertThat(read.status()).isEqualTo(200);
    assertThat(read.header("ETag")).isEqualTo("\"1\"");
    assertThat(read.text()).isEqualTo(created.text());
    assertThat(read.text()).contains("\"price\":100,\"tags\":[]").doesNotContain("description");
  }

  private Answer create(String body) throws Exception {
    Answer created = api.send("POST", "/items", body);
    assertThat(created.status()).as(created.toString()).isEqualTo(201);
    return created;
  }
}

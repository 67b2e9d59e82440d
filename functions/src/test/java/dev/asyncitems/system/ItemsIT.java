package dev.asyncitems.system;

import static org.assertj.core.api.Assertions.assertThat;

import dev.asyncitems.system.Api.Answer;
import java.util.Locale;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Items over HTTP: statuses, headers and bodies. */
@EndToEnd
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

  @Test
  void answers304ToAClientThatHasTheVersion() throws Exception {
    Answer created = create("{\"name\":\"Lamp\",\"price\":1}");
    String path = created.header("Location");

    for (String tags : new String[] {"\"1\"", "W/\"1\"", "\"7\", \"1\"", "*"}) {
      Answer unchanged = api.get(path, "If-None-Match", tags);
      assertThat(unchanged.status()).as(tags).isEqualTo(304);
      assertThat(unchanged.header("ETag")).isEqualTo("\"1\"");
      assertThat(unchanged.text()).isEmpty();
    }
    assertThat(api.get(path, "If-None-Match", "\"2\"").status()).isEqualTo(200);
  }

  @Test
  void replacesAnItemByWhatWasGotAndEdited() throws Exception {
    Answer created =
        create("{\"name\":\"Lamp\",\"description\":\"old\",\"price\":1,\"tags\":[\"a\"]}");
    String edited = created.text().replace("Lamp", "Torch").replace("\"description\":\"old\",", "");

    Answer replaced =
        api.send("PUT", created.header("Location"), edited, "If-Match", created.header("ETag"));

    assertThat(replaced.status()).as(replaced.toString()).isEqualTo(200);
    assertThat(replaced.header("ETag")).isEqualTo("\"2\"");
    assertThat(replaced.text("name")).isEqualTo("Torch");
    assertThat(replaced.json().has("description")).isFalse();
    assertThat(replaced.text("createdAt")).isEqualTo(created.text("createdAt"));
    assertThat(replaced.text("updatedAt")).isGreaterThanOrEqualTo(created.text("updatedAt"));
    assertThat(replaced.json().required("version").asInt()).isEqualTo(2);
    assertThat(api.get(created.header("Location")).text()).isEqualTo(replaced.text());
  }

  @Test
  void replacesAllOfAnItem() throws Exception {
    Answer created =
        create("{\"name\":\"Lamp\",\"description\":\"old\",\"price\":1,\"tags\":[\"a\"]}");

    Answer replaced =
        api.send("PUT", created.header("Location"), "{\"name\":\"Torch\",\"price\":0}");

    assertThat(replaced.text()).contains("\"name\":\"Torch\",\"price\":0,\"tags\":[]");
  }

  @Test
  void patchesAPartOfAnItem() throws Exception {
    Answer created =
        create("{\"name\":\"Lamp\",\"description\":\"old\",\"price\":1.10,\"tags\":[\"a\"]}");
    String path = created.header("Location");

    Answer patched =
        api.send(
            "PATCH",
            path,
            "{\"description\":null,\"tags\":null,\"price\":2.345e2}",
            "Content-Type",
            "application/merge-patch+json");
    assertThat(patched.status()).as(patched.toString()).isEqualTo(200);
    assertThat(patched.text()).contains("\"name\":\"Lamp\",\"price\":234.5,\"tags\":[]");

    Answer again = api.send("PATCH", path, "{}", "Content-Type", "application/json");
    assertThat(again.header("ETag")).as("an empty patch is a write").isEqualTo("\"3\"");
    assertThat(again.text()).contains("\"price\":234.5");
  }

  @Test
  void deletesAnItem() throws Exception {
    String path = create("{\"name\":\"Lamp\",\"price\":1}").header("Location");

    Answer deleted = api.send("DELETE", path, "");

    assertThat(deleted.status()).isEqualTo(204);
    assertThat(deleted.text()).isEmpty();
    assertThat(api.get(path).status()).isEqualTo(404);
    assertThat(api.send("DELETE", path, "").status()).isEqualTo(404);
    assertThat(api.send("PUT", path, "{\"name\":\"x\",\"price\":1}").status()).isEqualTo(404);
    assertThat(api.send("PATCH", path, "{}", "If-Match", "*").status()).isEqualTo(404);
    assertThat(api.send("DELETE", path, "", "If-Match", "\"9\"").status()).isEqualTo(404);
  }

  @Test
  void writesOnlyTheVersionsThatIfMatchNames() throws Exception {
    String path = create("{\"name\":\"Lamp\",\"price\":1}").header("Location");
    String body = "{\"name\":\"Torch\",\"price\":1}";

    for (String stale : new String[] {"\"2\"", "W/\"1\"", "\"01\"", "\"\"", "\"2\",\"3\""}) {
      Answer rejected = api.send("PUT", path, body, "If-Match", stale);
      assertThat(rejected.status()).as(stale).isEqualTo(412);
      assertThat(rejected.text("type")).isEqualTo("/problems/precondition-failed");
      assertThat(api.send("DELETE", path, "", "If-Match", stale).status()).isEqualTo(412);
    }
    assertThat(api.get(path).header("ETag")).isEqualTo("\"1\"");
    assertThat(api.send("PUT", path, body, "If-Match", "\"5\", \"1\"").status()).isEqualTo(200);
    assertThat(api.send("PATCH", path, "{}", "If-Match", "*").status()).isEqualTo(200);
    assertThat(api.send("DELETE", path, "", "if-match", "\"3\"").status()).isEqualTo(204);
  }

  @Test
  void readsIdsInAnyCaseAndGivesThemInLowerCase() throws Exception {
    String id = create("{\"name\":\"Lamp\",\"price\":1}").text("id");

    assertThat(api.get("/items/" + id.toUpperCase(Locale.ROOT)).text("id")).isEqualTo(id);
  }

  @Test
  void keepsTextAsItWasSent() throws Exception {
    String name = "naïve \uD83D\uDE00 \"quoted\" \\ <b> \u2028";
    String body = Api.JSON.writeValueAsString(Map.of("name", name, "price", 1));

    Answer read = api.get(create(body).header("Location"));

    assertThat(read.text("name")).isEqualTo(name);
  }

  @ParameterizedTest
  @CsvSource({
    "0, 0",
    "-0, 0",
    "0.00, 0",
    "0e999999999, 0",
    "1.50, 1.5",
    "100, 100",
    "1e2, 100",
    "999999999.99, 999999999.99",
    "1.10000000000000000000, 1.1",
    "0.1e1, 1"
  })
  void writesPricesPlainly(String sent, String given) throws Exception {
    Answer created = create("{\"name\":\"Lamp\",\"price\":" + sent + "}");

    assertThat(created.text()).contains("\"price\":" + given + ",");
    assertThat(api.get(created.header("Location")).text()).contains("\"price\":" + given + ",");
  }

  @Test
  void replaysTheFirstAnswerToTheSameIdempotencyKey() throws Exception {
    String key = UUID.randomUUID().toString();
    String body = "{\"name\":\"Lamp\",\"price\":1}";

    Answer first = api.send("POST", "/items", body, "Idempotency-Key", key);
    api.send("PATCH", first.header("Location"), "{\"name\":\"changed\"}");
    Answer again = api.send("POST", "/items" + Gateway.slash(), body, "idempotency-key", key);

    assertThat(first.header("Idempotent-Replayed")).isEmpty();
    assertThat(again.status()).isEqualTo(201);
    assertThat(again.header("Idempotent-Replayed")).isEqualTo("true");
    assertThat(again.header("Location")).isEqualTo(first.header("Location"));
    assertThat(again.header("ETag")).isEqualTo(first.header("ETag"));
    assertThat(again.text()).isEqualTo(first.text());
  }

  @Test
  void refusesAnIdempotencyKeyForAnotherRequest() throws Exception {
    String key = UUID.randomUUID().toString();
    create("{\"name\":\"Lamp\",\"price\":1}", "Idempotency-Key", key);

    Answer other =
        api.send("POST", "/items", "{\"name\":\"Lamp\",\"price\":2}", "Idempotency-Key", key);

    assertThat(other.status()).isEqualTo(422);
    assertThat(other.text("type")).isEqualTo("/problems/idempotency-key-reused");
  }

  @Test
  void comparesTheBodiesOfOneIdempotencyKeyByteForByte() throws Exception {
    String key = UUID.randomUUID().toString();
    String body = "{\"name\":\"Lamp\",\"price\":1}";
    Answer first = create(body, "Idempotency-Key", key);

    Answer same = create(body, "Idempotency-Key", key, "Content-Type", "application/json");
    assertThat(same.header("Idempotent-Replayed")).isEqualTo("true");
    assertThat(same.text()).isEqualTo(first.text());
    for (String other :
        new String[] {
          "{\"price\":1,\"name\":\"Lamp\"}", "{\"name\": \"Lamp\", \"price\": 1}", body + "\n"
        }) {
      Answer rejected = api.send("POST", "/items", other, "Idempotency-Key", key);
      assertThat(rejected.status()).as(other).isEqualTo(422);
      assertThat(rejected.text("type")).isEqualTo("/problems/idempotency-key-reused");
      assertThat(rejected.text("detail")).contains("body, byte for byte");
    }
  }

  @Test
  void doesNotRecordRejectedRequests() throws Exception {
    String key = UUID.randomUUID().toString();

    assertThat(api.send("POST", "/items", "{}", "Idempotency-Key", key).status()).isEqualTo(422);
    create("{\"name\":\"Lamp\",\"price\":1}", "Idempotency-Key", key);
  }

  private Answer create(String body, String... headers) throws Exception {
    Answer created = api.send("POST", "/items", body, headers);
    assertThat(created.status()).as(created.toString()).isEqualTo(201);
    return created;
  }
}

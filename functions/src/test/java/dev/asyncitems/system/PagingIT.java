package dev.asyncitems.system;

import static dev.asyncitems.system.BadInputIT.assertProblem;
import static org.assertj.core.api.Assertions.assertThat;

import dev.asyncitems.system.Api.Answer;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;

/** Pages of items contain each item once, newest first, even while others are inserted. */
@EndToEnd
@TestInstance(Lifecycle.PER_CLASS)
@Needs(Capability.A_THOUSAND_ROWS)
final class PagingIT {
  // Requests through an emulator's gateway are slow.
  private static final int ITEMS = Gateway.current() == Gateway.LOCAL_RUN ? 1_000 : 200;

  private final Api api;
  private List<String> newestFirst;

  PagingIT(Api api) {
    this.api = api;
    newestFirst = List.of();
  }

  @BeforeAll
  void insert() throws Exception {
    List<String> ids = new ArrayList<>();
    int batchSize = Gateway.atOnce(20);
    for (int batch = 0; batch < ITEMS / batchSize; batch++) {
      List<CompletableFuture<Answer>> posts = new ArrayList<>();
      for (int i = 0; i < batchSize; i++) {
        posts.add(insert("item " + (batchSize * batch + i)));
      }
      for (CompletableFuture<Answer> post : posts) {
        ids.add(post.get().text("id"));
      }
    }
    newestFirst = ids.stream().sorted(Comparator.reverseOrder()).toList();
  }

  @Test
  void walksThroughAllItemsWhileOthersAreInserted() throws Exception {
    AtomicBoolean walked = new AtomicBoolean();
    CompletableFuture<Integer> others =
        CompletableFuture.supplyAsync(() -> {
          int inserted = 0;
          while (!walked.get()) {
            assertThat(insert("other").join().status()).isEqualTo(201);
            inserted++;
          }
          return inserted;
        });

    List<String> seen = walk("/items?limit=7");
    walked.set(true);

    assertThat(others.get()).as("inserted during the walk").isPositive();
    assertThat(seen).doesNotHaveDuplicates().isSortedAccordingTo(Comparator.reverseOrder());
    assertThat(seen.stream().filter(newestFirst::contains).toList()).isEqualTo(newestFirst);
  }

  @Test
  void givesThePageThatWasAskedFor() throws Exception {
    Answer page = api.get("/items");
    assertThat(page.json().required("items")).hasSize(20);
    assertThat(page.header("Link"))
        .isEqualTo("</items?limit=20&cursor=" + page.text("nextCursor") + ">; rel=\"next\"");
    assertThat(api.get("/items?limit=100").json().required("items")).hasSize(100);
    assertThat(api.get("/items?limit=1&unknown=%FF").json().required("items")).hasSize(1);
  }

  @Test
  void refusesCursorsThatAreForgedForeignOrTruncated() throws Exception {
    String cursor = api.get("/items").text("nextCursor");

    assertThat(api.get("/items?cursor=" + cursor).status()).isEqualTo(200);
    for (String bad :
        List.of(
            cursor.substring(1),
            cursor.substring(0, cursor.length() - 1),
            cursor + "A",
            cursor + "%3D",
            (cursor.charAt(0) == 'A' ? 'B' : 'A') + cursor.substring(1))) {
      assertProblem(api.get("/items?cursor=" + bad), 400, "/problems/malformed-request");
    }
    assertProblem(api.get("/notifications?cursor=" + cursor), 400, "/problems/malformed-request");
  }

  private List<String> walk(String first) throws Exception {
    List<String> ids = new ArrayList<>();
    String path = first;
    while (!path.isEmpty()) {
      Answer page = api.get(path);
      assertThat(page.status()).as(page.toString()).isEqualTo(200);
      page.json().required("items").forEach(item -> ids.add(item.required("id").asString()));
      boolean more = page.json().has("nextCursor");
      assertThat(page.header("Link").isEmpty()).isEqualTo(!more);
      path = more ? first + "&cursor=" + page.text("nextCursor") : "";
    }
    return ids;
  }

  private CompletableFuture<Answer> insert(String name) {
    return api.sendAsync("POST", "/items", "{\"name\":\"" + name + "\",\"price\":1}");
  }
}

package dev.asyncitems.system;

import static dev.asyncitems.system.BadInputIT.assertProblem;
import static org.assertj.core.api.Assertions.assertThat;

import dev.asyncitems.local.LocalRun;
import dev.asyncitems.local.Slashes;
import dev.asyncitems.system.Api.Answer;
import java.net.URI;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashSet;
import java.util.Set;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/**
 * Mounts the API under {@code /v1}, like an API mapping of a custom domain. Every link in an answer
 * must lead back to the API.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class BasePathIT {
  private static final String BASE = "/v1";
  private static final String ITEM = "{\"name\":\"Lamp\",\"price\":1}";
  private static final Pattern LINKS = Pattern.compile("(?:src|href|url)(?:=\"|: ')([^\"']*)[\"']");

  private final LocalRun run =
      Lane.run()
          .parameter("BasePath", BASE)
          .basePath(BASE)
          .slashes(Slashes.DEFAULT)
          .withoutPollers()
          .start();

  /** Adds the base path to every path. */
  private final Api api = new Api(run.uri());

  /** Resolves links unchanged, from the root. */
  private final URI root = run.uri().resolve("/");

  @AfterAll
  void close() {
    run.close();
  }

  /** Returns the API's own path for a link from the root. */
  private static String own(String link) {
    assertThat(link).startsWith(BASE + "/");
    return link.substring(BASE.length());
  }

  @Test
  void locationLeadsToWhatWasMade() throws Exception {
    Answer item = api.send("POST", "/items", ITEM, "Idempotency-Key", "base path");
    assertThat(item.header("Location")).isEqualTo(BASE + "/items/" + item.text("id"));
    assertThat(api.get(own(item.header("Location"))).text()).isEqualTo(item.text());
    Answer again = api.send("POST", "/items", ITEM, "Idempotency-Key", "base path");
    assertThat(again.header("Location")).isEqualTo(item.header("Location"));

    Answer sent = api.send("POST", "/notifications", "{\"message\":\"hello\"}");
    assertThat(sent.header("Location")).isEqualTo(BASE + "/notifications/" + sent.text("id"));
    assertThat(api.get(own(sent.header("Location"))).text("id")).isEqualTo(sent.text("id"));
  }

  @Test
  void theLinkOfAPageLeadsToTheNext() throws Exception {
    api.send("POST", "/items", ITEM);
    api.send("POST", "/items", ITEM);
    String link = api.get("/items?limit=1").header("Link");

    assertThat(link).startsWith("<" + BASE + "/items?limit=1&cursor=").endsWith(">; rel=\"next\"");
    Answer next = api.get(own(link.substring(1, link.indexOf('>'))));
    assertThat(next.status()).isEqualTo(200);
    assertThat(next.json().required("items").size()).isEqualTo(1);
  }

  @Test
  void theTypeOfAProblemLeadsToItsPageAndItsInstanceToWhatWasAskedFor() throws Exception {
    Answer malformed = api.get("/items?limit=0");
    assertProblem(malformed, 400, BASE + "/problems/malformed-request");
    assertThat(malformed.text("instance")).isEqualTo(BASE + "/items");
    assertThat(api.get(own(malformed.text("type"))).text()).contains("What to do");

    Answer unknown = api.get("/a%20b");
    assertProblem(unknown, 404, BASE + "/problems/not-found");
    assertThat(unknown.text("instance")).isEqualTo(BASE + "/a%20b");
    Answer method = api.send("DELETE", "/items", "");
    assertProblem(method, 405, BASE + "/problems/method-not-allowed");
    assertThat(method.header("Allow")).isEqualTo("GET, POST");
    // The mount itself and a repeated base path are outside the API.
    assertProblem(api.get(""), 404, BASE + "/problems/not-found");
    assertProblem(api.get(BASE + "/items"), 404, BASE + "/problems/not-found");
  }

  @Test
  void slashFormsAreSentToThePlainOnes() throws Exception {
    for (String path : new String[] {"/items", "/data", "/docs"}) {
      Answer answer = api.get(path + "/?a=b");
      assertThat(answer.status()).isEqualTo(308);
      assertThat(answer.header("Location")).isEqualTo(BASE + path + "?a=b");
    }
  }

  @Test
  void everyFileThatThePagesNameIsThere() throws Exception {
    Deque<URI> pages = new ArrayDeque<>();
    pages.add(root.resolve(BASE + "/docs"));
    pages.add(root.resolve(BASE + "/problems/not-found"));
    pages.add(root.resolve(BASE + "/docs/page.js"));
    Set<URI> seen = new HashSet<>();
    while (!pages.isEmpty()) {
      URI page = pages.remove();
      if (!seen.add(page)) {
        continue;
      }
      Answer answer = api.get(own(page.getPath()));
      assertThat(answer.status()).as(page.toString()).isEqualTo(200);
      boolean html = answer.header("Content-Type").startsWith("text/html");
      if (html || page.getPath().endsWith("/page.js")) {
        // A script's links are relative to the page that runs it.
        URI base = html ? page : root.resolve(BASE + "/docs");
        LINKS
            .matcher(answer.text())
            .results()
            .forEach(link -> pages.add(base.resolve(link.group(1))));
      }
    }
    assertThat(seen)
        .extracting(URI::getPath)
        .contains(BASE + "/openapi.json", BASE + "/docs/page.css", BASE + "/docs/swagger-ui.css");
    URI contract = root.resolve(BASE + "/openapi.json");
    String server = api.get("/openapi.json").json().at("/servers/0/url").asString();
    assertThat(contract.resolve(server).getPath()).isEqualTo(BASE + "/");
  }
}

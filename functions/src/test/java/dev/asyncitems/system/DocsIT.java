package dev.asyncitems.system;

import static dev.asyncitems.system.BadInputIT.assertProblem;
import static org.assertj.core.api.Assertions.assertThat;

import dev.asyncitems.http.ProblemType;
import dev.asyncitems.system.Api.Answer;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The contract and its pages are complete, cached, compressed, and load nothing from elsewhere. */
@EndToEnd
final class DocsIT {
  private static final Pattern LINKS = Pattern.compile("(?:src|href)=\"([^\"]*)\"");

  private final Api api;

  DocsIT(Api api) {
    this.api = api;
  }

  @Test
  void theContractIsServedAsItIs() throws Exception {
    Answer contract = api.get("/openapi.json");

    assertThat(contract.status()).isEqualTo(200);
    assertThat(contract.header("Content-Type")).isEqualTo("application/json");
    try (var file = getClass().getResourceAsStream("/docs/openapi.json")) {
      assertThat(contract.json()).isEqualTo(Api.JSON.readTree(file));
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"/openapi.json", "/docs", "/docs/swagger-ui-bundle.js", "/problems/not-found"})
  void aFileComesCompressedToWhomTakesThat(String path) throws Exception {
    Answer plain = api.get(path);
    Answer compressed = api.get(path, "Accept-Encoding", "br, gzip");

    assertThat(plain.header("Content-Encoding")).isEmpty();
    assertThat(compressed.header("Content-Encoding")).isEqualTo("gzip");
    assertThat(compressed.text()).isEqualTo(plain.text()).isNotEmpty();
    for (Answer answer : List.of(plain, compressed)) {
      assertThat(answer.header("Vary")).isEqualTo("Accept-Encoding");
      assertThat(answer.header("Cache-Control"))
          .isEqualTo(
              path.contains(".js") && path.contains("/docs/")
                  ? "public, max-age=3600"
                  : "no-cache");
    }
    assertThat(compressed.header("ETag")).isNotEqualTo(plain.header("ETag"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"/openapi.json", "/docs", "/docs/page.css", "/problems/not-found"})
  void aFileThatIsKnownIsNotSentAgain(String path) throws Exception {
    String tag = api.get(path).header("ETag");

    for (String known : List.of(tag, "W/" + tag, "\"other\", " + tag, "*")) {
      Answer answer = api.get(path, "If-None-Match", known);
      assertThat(answer.status()).as(known).isEqualTo(304);
      assertThat(answer.header("ETag")).isEqualTo(tag);
      assertThat(answer.text()).isEmpty();
    }
    assertThat(api.get(path, "If-None-Match", tag, "Accept-Encoding", "gzip").status())
        .as("the tag of the other form")
        .isEqualTo(200);
  }

  @ParameterizedTest
  @ValueSource(strings = {"/docs", "/problems/not-found"})
  void aPageRunsNothingAndLoadsNothingThatIsNotOurs(String path) throws Exception {
    Answer page = api.get(path);

    assertThat(page.header("Content-Type")).isEqualTo("text/html; charset=utf-8");
    assertThat(page.header("Content-Security-Policy"))
        .startsWith("default-src 'none'; script-src 'self'; style-src 'self';")
        .contains("frame-ancestors 'none'")
        .doesNotContain("unsafe", "http", "*");
    assertThat(page.header("X-Content-Type-Options")).isEqualTo("nosniff");
    List<String> links = LINKS.matcher(page.text()).results().map(link -> link.group(1)).toList();
    assertThat(links).isNotEmpty().noneMatch(link -> link.matches("(?i)([a-z]+:|/).*"));
    for (String link : links) {
      String target = link.startsWith("../") ? link.substring(2) : "/" + link;
      assertThat(api.get(target).status()).as(target).isEqualTo(200);
    }
  }

  @ParameterizedTest
  @EnumSource
  void aKindOfProblemHasItsPage(ProblemType type) throws Exception {
    Answer page = api.get(type.uri());

    assertThat(page.status()).isEqualTo(200);
    assertThat(page.text())
        .contains("<h1>" + type.title() + "</h1>", "Status " + type.status(), type.uri());
    assertThat(api.get("/openapi.json").text())
        .as("the contract links to the page, relative to /docs")
        .contains("](" + type.uri().substring(1) + ")");
  }

  @Test
  void theTypeOfAProblemCanBeFollowed() throws Exception {
    String type = api.get("/items?limit=0").text("type");

    assertThat(api.get(type).text()).contains("What to do");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/problems/nothing",
        "/problems/not-found.html",
        "/docs/nothing.js",
        "/docs/index.html",
        "/docs/open.html",
        "/docs/openapi.json",
        "/docs/files.txt",
        "/docs/swagger-ui.css.gz",
        "/docs/..%2findex.html",
        "/docs/problems%2fnot-found.html"
      })
  void whatIsNoFileOfThePageIsNotFound(String path) throws Exception {
    assertProblem(api.get(path), 404, "/problems/not-found");
  }

  @Test
  void theSlashFormIsSentToThePageWhichNamesItsFilesRelativeToItself() throws Exception {
    Answer answer = api.get("/docs/");

    assertThat(answer.status()).isEqualTo(308);
    assertThat(answer.header("Location")).isEqualTo("/docs");
    assertThat(api.get("/docs/?a=b").header("Location")).isEqualTo("/docs?a=b");
  }
}

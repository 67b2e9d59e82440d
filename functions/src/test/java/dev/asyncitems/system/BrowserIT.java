package dev.asyncitems.system;

import static org.assertj.core.api.Assertions.assertThat;

import dev.asyncitems.http.ProblemType;
import dev.asyncitems.local.LocalRun;
import dev.asyncitems.system.Contract.Operation;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.ExtendWith;
import org.openqa.selenium.By;
import org.openqa.selenium.WebElement;

/** The page {@code /docs} in Chromium, which can reach no server but the local one. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@ExtendWith(Running.class)
@Tag("browser")
final class BrowserIT {
  private final Api api;
  private Chromium browser;

  BrowserIT(Api api) {
    this.api = api;
  }

  @BeforeAll
  void open() {
    browser = new Chromium();
  }

  @AfterAll
  void close() {
    browser.close();
  }

  @Test
  void listsEveryOperation() throws Exception {
    show("/docs");

    List<String> listed =
        browser.all(".opblock-summary").stream()
            .map(one ->
                one.findElement(By.cssSelector(".opblock-summary-method")).getText()
                    + " "
                    + one.findElement(By.cssSelector(".opblock-summary-path"))
                        .getDomAttribute("data-path"))
            .toList();
    assertThat(listed)
        .containsExactlyInAnyOrderElementsOf(
            Contract.served().operations().stream().map(Operation::key).toList());
    browser.picture("docs");
    browser.assertNoErrors();
  }

  @Test
  void createsAnItemWhenTriedOut() throws Exception {
    show("/docs");
    WebElement create = browser.one("#operations-Items-createItem");
    browser.click(create.findElement(By.cssSelector(".opblock-summary-control")));
    browser.one("#operations-Items-createItem textarea.body-param__text");
    browser.click(browser.one("#operations-Items-createItem button.execute"));

    String answered =
        browser
            .one(
                "#operations-Items-createItem .live-responses-table tr.response"
                    + " td.response-col_status")
            .getText();
    String shown = browser.one("#operations-Items-createItem .live-responses-table").getText();
    browser.picture("try-it-out");

    assertThat(answered).startsWith("201");
    String location = shown.replaceFirst("(?s).*location: (\\S+).*", "$1");
    assertThat(api.get(location).text("name")).isEqualTo("Lamp");
    browser.assertNoErrors();
  }

  @Test
  void readsAnItemWhenTriedOut() throws Exception {
    String id = api.send("POST", "/items", "{\"name\":\"Chair\",\"price\":1}").text("id");
    show("/docs");
    browser.click(browser.one("#operations-Items-getItem .opblock-summary-control"));
    WebElement input = browser.one("#operations-Items-getItem tr[data-param-name=id] input");
    input.clear();
    input.sendKeys(id);
    browser.click(browser.one("#operations-Items-getItem button.execute"));

    assertThat(browser.one("#operations-Items-getItem .live-responses-table").getText())
        .startsWith("Code")
        .contains("200", "\"Chair\"");
    browser.assertNoErrors();
  }

  @Test
  void showsAPictureWhenTriedOut() throws Exception {
    show("/docs");
    browser.click(browser.one("#operations-Contract-getDocsFile .opblock-summary-control"));
    WebElement input =
        browser.one("#operations-Contract-getDocsFile tr[data-param-name=file] input");
    input.clear();
    input.sendKeys("favicon-32x32.png");
    browser.click(browser.one("#operations-Contract-getDocsFile button.execute"));

    browser.one("#operations-Contract-getDocsFile .live-responses-table img");
    browser.assertNoErrors();
  }

  @Test
  void aTypeOfAProblemCanBeFollowed() throws Exception {
    show(ProblemType.PRECONDITION_FAILED.uri());

    assertThat(browser.one("h1").getText()).isEqualTo("Precondition Failed");
    assertThat(browser.one("article").getText()).contains("If-Match", "PUT /items/{id}");
    browser.picture("problem");
    assertThat(browser.one("nav a").getDomProperty("href")).isEqualTo(api.base() + "/docs");
    browser.assertNoErrors();
  }

  @Test
  void followsTheReadersSettingAndFitsATelephone() throws Exception {
    for (String path : List.of("/docs", ProblemType.PRECONDITION_FAILED.uri())) {
      for (String scheme : List.of("light", "dark")) {
        browser.prefers("prefers-color-scheme", scheme);
        for (int width : List.of(1000, 390)) {
          browser.size(width, 1600);
          show(path);
          if (path.equals("/docs")) {
            browser.click(browser.one("#operations-Items-createItem .opblock-summary-control"));
            browser.one("#operations-Items-createItem .responses-table");
          }
          assertThat(browser.tooWide("html")).as(path + " at " + width).isEmpty();
          assertThat(brightness("background-color", "body") < 128)
              .as(path + " is dark")
              .isEqualTo(scheme.equals("dark"));
          assertThat(brightness("color", path.equals("/docs") ? ".opblock-summary-path" : "h1"))
              .as(path + ": the text contrasts")
              .matches(text -> text > 128 == scheme.equals("dark"));
          String name = path.replaceFirst(".*/", "");
          browser.picture(name + "-" + scheme + "-" + width);
        }
      }
    }
    browser.prefers("prefers-color-scheme", "light");
    browser.size(1280, 1600);
    browser.assertNoErrors();
  }

  private int brightness(String property, String selector) {
    String colour = browser.one(selector).getCssValue(property);
    return Arrays.stream(colour.replaceAll("[^0-9,.]", "").split(","))
            .limit(3)
            .mapToInt(Integer::parseInt)
            .sum()
        / 3;
  }

  @Test
  void showsLocksWhereATokenIsNeeded() {
    show("/docs");
    assertThat(locks()).isEmpty();

    try (LocalRun tokens =
        ProjectTemplate.run()
            .parameter("Access", "jwt")
            .parameter("JwtIssuer", "https://issuer.example.com")
            .parameter("JwtAudience", "async-items")
            .withoutPollers()
            .start()) {
      browser.driver().get(tokens.uri() + "/docs");
      browser.all(".opblock-summary");
      assertThat(locks())
          .contains("/items", "/notifications/{id}", "/data")
          .doesNotContain("/docs", "/docs/{file}", "/problems/{type}", "/openapi.json");
    }
  }

  private List<String> locks() {
    return browser.all(".opblock-summary").stream()
        .filter(one ->
            one.findElements(By.cssSelector(".authorization__btn")).stream()
                .anyMatch(WebElement::isDisplayed))
        .map(one -> one.findElement(By.cssSelector(".opblock-summary-path")))
        .map(path -> String.valueOf(path.getDomAttribute("data-path")))
        .toList();
  }

  private void show(String path) {
    browser.driver().get(api.base() + path);
    browser.all(path.equals("/docs") ? ".opblock-summary" : "article");
  }
}

package dev.asyncitems.system;

import static dev.asyncitems.system.Backend.DEAD_LETTERS;
import static dev.asyncitems.system.Backend.QUEUE;
import static dev.asyncitems.system.Backend.RELAY;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.asyncitems.local.LocalRun;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.openqa.selenium.By;
import org.openqa.selenium.Keys;
import org.openqa.selenium.WebElement;

/** The local run's page in Chromium, with the project's functions. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@Tag("browser")
final class LocalPageIT {
  private static final String EVIL = "<script>document.title='stolen'</script><img src=x>";

  private final TestClock clock = new TestClock();
  private LocalRun run;
  private Backend backend;
  private Api api;
  private Chromium browser;

  @BeforeAll
  void open() {
    run = ProjectTemplate.run().clock(clock).page().start();
    backend = new Backend(run);
    api = new Api(run.uri());
    browser = new Chromium();
  }

  @AfterAll
  void close() {
    browser.close();
    backend.close();
    run.close();
  }

  private void show() {
    browser.forget(); // The page logs failed requests to earlier runs.
    browser.driver().get(run.pageUri().orElseThrow().toString());
    browser.one("#state[data-state=live]");
  }

  private WebElement opened(String id) {
    WebElement details = browser.one("#" + id);
    if (details.getDomAttribute("open") == null) {
      browser.click(details.findElement(By.cssSelector("summary")));
    }
    return details;
  }

  private void awaitText(String selector, String text) {
    await()
        .atMost(Chromium.PATIENCE)
        .ignoreExceptions() // The page replaces elements meanwhile.
        .untilAsserted(() ->
            assertThat(browser.driver().findElements(By.cssSelector(selector)))
                .extracting(WebElement::getText)
                .anySatisfy(shown -> assertThat(shown).contains(text)));
  }

  private String notify(String message) throws Exception {
    return api.send("POST", "/notifications", "{\"message\":\"" + message + "\"}").text("id");
  }

  /** Creates a notification that fails after 12 lost dispatches, and returns its id. */
  private String givenUp() throws Exception {
    run.pausePollers();
    String id = notify("goes wrong at first");
    for (int turn = 0; turn <= 12; turn++) {
      clock.advance(ProjectTemplate.messageLife());
      assertThat(run.fireDueSchedules()).contains(RELAY);
    }
    assertThat(api.get("/notifications/" + id).text("status")).isEqualTo("failed");
    backend.empty(QUEUE);
    run.resumePollers();
    return id;
  }

  @Test
  void showsWhatHappensByItself() throws Exception {
    show();
    opened("function-GetData"); // No other test calls it.
    opened("table-Items");
    awaitText("#function-GetData .none", "Not invoked yet.");

    api.send("POST", "/items", "{\"name\":\"Shown by itself\",\"price\":12.50}");
    assertThat(api.get("/data").status()).isEqualTo(200);

    awaitText("#function-GetData .facts", "1 invocation");
    awaitText("#function-GetData tbody", "GET /data");
    awaitText("#function-GetData tbody", "cold");
    awaitText("#function-GetData tbody .kind", "200");
    awaitText("#table-Items tbody", "Shown by itself");
    browser.click(browser.one("#function-GetData tbody button:enabled"));
    awaitText("#function-GetData pre", "INFO");
    browser.assertNoErrors();
  }

  @Test
  void whatClientsSentIsTextAndNoMarkup() throws Exception {
    show();
    opened("queue-" + DEAD_LETTERS);
    opened("table-Notifications");

    backend.send(QUEUE, EVIL, Duration.ZERO);
    String id = notify(EVIL);

    awaitText("#queue-" + DEAD_LETTERS + " td.text", EVIL);
    awaitText("#queue-" + DEAD_LETTERS + " td.reason", "malformed");
    awaitText("#table-Notifications td", id);
    assertThat(browser.driver().getTitle()).isEqualTo("Local run");
    assertThat(browser.driver().findElements(By.cssSelector("main script, main img"))).isEmpty();
    browser.assertNoErrors();
  }

  /** Follows the steps in README.md, and measures their time without reading. */
  @Test
  void aFailedNotificationIsFoundUnderstoodAndReplayed() throws Exception {
    String id = givenUp();
    long begin = System.nanoTime();

    show();
    browser.click(browser.one("#dead a"));
    awaitText("#queue-" + DEAD_LETTERS + " td.reason", "not done although its message was sent");
    WebElement row = row(id);
    browser.click(row.findElement(By.tagName("button")));
    assertThat(browser.one("#consequence").getText()).contains(id, QUEUE);
    browser.click(browser.one("#yes"));
    awaitText("#replayed", "Replay to " + QUEUE);
    awaitText("#report", id);
    awaitText("#report .done", "processed");
    opened("function-LogNotifications");
    awaitText("#function-LogNotifications tbody", "removed from the queue");
    await()
        .atMost(Chromium.PATIENCE)
        .until(() -> api.get("/notifications/" + id).text("status").equals("logged"));

    System.out.println(
        "found, understood, replayed in "
            + Duration.ofNanos(System.nanoTime() - begin).toMillis()
            + " ms");
    browser.assertNoErrors();
  }

  @Test
  void aReplayedMessageThatFailsAgainIsReported() throws Exception {
    backend.empty(DEAD_LETTERS);
    backend.send(QUEUE, "{\"id\": 7}", Duration.ZERO);
    show();
    awaitText("#dead", "1 dead letter of " + QUEUE);
    browser.click(browser.one("#dead a"));
    browser.click(browser.one("#queue-" + DEAD_LETTERS + " tbody button"));
    browser.click(browser.one("#yes"));

    awaitText("#replayed", "1 failed again");
    awaitText("#report .failed", "failed again: the message is malformed");
    browser.driver().executeScript("announce('No connection to the engine.', true)");
    backend.send(DEAD_LETTERS, "a change", Duration.ZERO);
    awaitText("#dead", "2 dead letters of " + QUEUE);
    assertThat(browser.one("#sentence").getText()).isEqualTo("No connection to the engine.");
    browser.click(browser.one("#close"));
    assertThat(browser.one("#said").isDisplayed()).isFalse();
    browser.assertNoErrors();
  }

  @Test
  void deadLettersAreCountedByTask() throws Exception {
    backend.empty(DEAD_LETTERS);
    backend.send(DEAD_LETTERS, "one", Duration.ZERO);
    backend.send(DEAD_LETTERS, "two", Duration.ZERO);
    backend.send("ImportDeadLetterQueue", "three", Duration.ZERO);
    show();

    awaitText("#dead", "2 dead letters of " + QUEUE);
    awaitText("#dead", "1 dead letter of ImportQueue");
    browser.click(browser.one("#dead a[href='#queue-ImportDeadLetterQueue']"));
    awaitText("#queue-ImportDeadLetterQueue tbody", "three");
    assertThat(browser.one("#queue-" + DEAD_LETTERS).getDomAttribute("open")).isNull();
    backend.empty("ImportDeadLetterQueue");
  }

  @Test
  void aTableShowsNewRowsFirstAndIsFiltered() throws Exception {
    String older = api.send("POST", "/items", "{\"name\":\"Older\",\"price\":1}").text("id");
    clock.advance(Duration.ofSeconds(1));
    String newer = api.send("POST", "/items", "{\"name\":\"Newer\",\"price\":2}").text("id");
    show();
    opened("table-Items");
    awaitText("#table-Items tbody tr:nth-child(1)", newer);
    awaitText("#table-Items tbody tr:nth-child(2)", older);
    assertThat(browser.all("#table-Items th").getFirst().getText()).isEqualTo("id");
    assertThat(browser.all("#table-Items th").getLast().getText()).isEqualTo("shard");

    browser.one("#filter-Items").sendKeys("oLDer");
    awaitText("#table-Items [role=status]", "1 of ");
    assertThat(browser.one("#table-Items tbody").getText()).contains(older).doesNotContain(newer);
    browser.assertNoErrors();
  }

  @Test
  void aTableIsNotScannedAtEachChange() throws Exception {
    show();
    opened("table-Items");
    long begin = System.nanoTime();
    for (int change = 0; change < 16; change++) {
      api.get("/items");
      Thread.sleep(250);
    }
    String script =
        "return performance.getEntriesByType('resource')"
            + ".filter((one) => one.name.includes('/tables/Items')).length";
    long scans = Long.parseLong(String.valueOf(browser.driver().executeScript(script)));
    long seconds = Duration.ofNanos(System.nanoTime() - begin).toSeconds();
    assertThat(scans).isBetween(1L, 3 + seconds / 2);
  }

  /** A function, its queue, the dead-letter queue and a row of it are a click apart. */
  @Test
  void whatBelongsTogetherIsLinked() throws Exception {
    String failed = givenUp();
    show();
    opened("function-LogNotifications");
    browser.click(browser.one("#function-LogNotifications a"));
    browser.click(browser.one("#queue-" + QUEUE + " a[href='#queue-" + DEAD_LETTERS + "']"));
    WebElement row = browser.one("#queue-" + DEAD_LETTERS + " tbody details");
    browser.click(row.findElement(By.tagName("summary")));
    browser.click(row.findElement(By.tagName("a")));
    awaitText("#table-Notifications tbody", failed);
    assertThat(browser.one("#filter-Notifications").getDomProperty("value")).isEqualTo(failed);
    backend.empty(DEAD_LETTERS);

    browser.click(browser.one("#docs"));
    browser.one("#contract");
    assertThat(browser.driver().getCurrentUrl()).isEqualTo(api.base() + "/docs");
  }

  private WebElement row(String text) {
    return browser.all("#queue-" + DEAD_LETTERS + " tbody tr").stream()
        .filter(row -> row.getText().contains(text))
        .findFirst()
        .orElseThrow();
  }

  @Test
  void worksByTheKeyboardAlone() throws Exception {
    backend.send(DEAD_LETTERS, "purged by keys", Duration.ZERO);
    show();
    browser
        .driver()
        .executeScript(
            "document.querySelector('#queue-NotificationDeadLetterQueue summary').focus()");
    press(Keys.ENTER);
    awaitText("#queue-" + DEAD_LETTERS + " tbody", "purged by keys");
    press(Keys.SHIFT, Keys.TAB);
    press(Keys.TAB);
    WebElement purge = browser.one("#queue-" + DEAD_LETTERS + " button.danger:enabled");
    for (int tabs = 0; tabs < 40 && !focused().equals(purge); tabs++) {
      press(Keys.TAB);
    }
    assertThat(focused()).isEqualTo(purge);
    press(Keys.ENTER);
    assertThat(focused().getText()).as("Cancel has the focus").isEqualTo("Cancel");
    press(Keys.ESCAPE);
    assertThat(focused()).as("focus returns to the button").isEqualTo(purge);
    press(Keys.ENTER);
    press(Keys.TAB);
    press(Keys.ENTER);
    awaitText("#said", DEAD_LETTERS + " is empty.");
    assertThat(backend.visible(DEAD_LETTERS)).isZero();
    browser.assertNoErrors();
  }

  private WebElement focused() {
    return browser.driver().switchTo().activeElement();
  }

  private void press(CharSequence... keys) {
    focused().sendKeys(Keys.chord(keys));
  }

  /** Every control has the role and name that a screen reader announces. */
  @Test
  void everythingHasAName() {
    show();
    opened("queue-" + DEAD_LETTERS);
    opened("table-Items");
    opened("function-CreateItem");
    assertThat(browser.driver().getTitle()).isNotEmpty();
    assertThat(browser.one("html").getDomAttribute("lang")).isEqualTo("en");
    for (String landmark : List.of("header", "nav[aria-label]", "main", "main section")) {
      assertThat(browser.all(landmark)).as(landmark).isNotEmpty();
    }
    for (WebElement section : browser.all("main section")) {
      assertThat(section.getAccessibleName()).isIn("Functions", "Queues", "Tables");
    }
    for (WebElement table : browser.driver().findElements(By.tagName("table"))) {
      assertThat(table.findElements(By.tagName("caption"))).hasSize(1);
    }
    for (WebElement button : browser.driver().findElements(By.tagName("button"))) {
      if (button.isDisplayed()) {
        assertThat(button.getAccessibleName()).isNotEmpty();
      }
    }
    assertThat(browser.one("#state").getAriaRole()).isEqualTo("status");
  }

  @Test
  void saysWhenTheRunIsGoneAndComesBackWithTheNext() {
    LocalRun first = ProjectTemplate.run().clock(clock).page().start();
    int port = first.uri().getPort();
    browser.driver().get(first.pageUri().orElseThrow().toString());
    browser.one("#state[data-state=live]");
    first.close();
    awaitText("#state[data-state=gone]", "The run is gone");
    try (LocalRun next = ProjectTemplate.run().clock(clock).port(port).page().start()) {
      browser.one("#state[data-state=live]");
      assertThat(next.uri().getPort()).isEqualTo(port);
    }
  }

  /**
   * Saves the pictures for README.md, light and dark, wide and narrow, in {@code target/browser}.
   */
  @Test
  void looksAsItDoes() throws Exception {
    for (String name : List.of("Lamp", "Torch", "Chair")) {
      api.send("POST", "/items", "{\"name\":\"" + name + "\",\"price\":12.50,\"tags\":[\"home\"]}");
    }
    api.send("POST", "/items", "{\"name\":\"\"}");
    notify("hello");
    backend.send(QUEUE, "{\"id\": 7}", Duration.ZERO);
    String failed = givenUp();
    for (String scheme : List.of("light", "dark")) {
      browser.prefers("prefers-color-scheme", scheme);
      for (int width : List.of(1000, 390)) {
        browser.size(width, width > 500 ? 1050 : 1600);
        show();
        opened("queue-" + DEAD_LETTERS);
        opened("function-CreateItem");
        opened("table-Items");
        opened("table-Notifications");
        awaitText("#queue-" + DEAD_LETTERS + " tbody", failed);
        awaitText("#table-Notifications tbody", failed);
        awaitText("#table-Items tbody", "Lamp");
        browser.click(browser.one("#function-CreateItem tbody button:enabled"));
        assertThat(browser.tooWide(width > 500 ? "html" : "*"))
            .as("no horizontal scrolling at " + width)
            .isEmpty();
        assertThat(browser.all("span.whole"))
            .filteredOn(WebElement::isDisplayed)
            .hasSizeGreaterThan(10)
            .allSatisfy(one -> assertThat(one.getSize().height).as(one.getText()).isLessThan(30));
        browser.driver().executeScript("document.activeElement.blur(); scrollTo(0, 0)");
        browser.picture("local-page-" + scheme + "-" + width);
      }
    }
    browser.prefers("prefers-color-scheme", "light");
    browser.size(1280, 1600);
  }
}

package dev.asyncitems.system;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.asyncitems.edge.ProblemType;
import dev.asyncitems.system.Contract.Operation;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.logging.Level;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.condition.EnabledIf;
import org.junit.jupiter.api.extension.ExtendWith;
import org.openqa.selenium.By;
import org.openqa.selenium.Dimension;
import org.openqa.selenium.OutputType;
import org.openqa.selenium.WebElement;
import org.openqa.selenium.chrome.ChromeDriver;
import org.openqa.selenium.chrome.ChromeDriverService;
import org.openqa.selenium.chrome.ChromeOptions;
import org.openqa.selenium.logging.LogEntry;
import org.openqa.selenium.logging.LogType;
import org.openqa.selenium.logging.LoggingPreferences;

/** The page {@code /docs} as a person has it, in Chromium, which finds no server but ours. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@ExtendWith(Running.class)
@EnabledIf(value = "isInstalled", disabledReason = "not applicable to this machine: no Chromium")
final class BrowserIT {
  private static final Path CHROMIUM = Path.of(System.getProperty("chromium", "none"));
  private static final Path DRIVER = CHROMIUM.resolveSibling("chromedriver");
  private static final Duration PATIENCE = Duration.ofSeconds(20);

  private final Api api;
  private ChromeDriver browser;

  BrowserIT(Api api) {
    this.api = api;
  }

  static boolean isInstalled() {
    return Files.isExecutable(CHROMIUM) && Files.isExecutable(DRIVER);
  }

  @BeforeAll
  void open() {
    LoggingPreferences logs = new LoggingPreferences();
    logs.enable(LogType.BROWSER, Level.ALL);
    ChromeOptions options = new ChromeOptions();
    options.setBinary(CHROMIUM.toFile());
    options.addArguments(
        "--headless=new",
        "--no-sandbox", // for root, as CI is
        "--disable-dev-shm-usage",
        "--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1");
    options.setCapability("goog:loggingPrefs", logs);
    browser =
        new ChromeDriver(
            new ChromeDriverService.Builder().usingDriverExecutable(DRIVER.toFile()).build(),
            options);
    browser.manage().window().setSize(new Dimension(1280, 1600));
  }

  @AfterAll
  void close() {
    browser.quit();
  }

  @Test
  void listsEveryOperation() throws Exception {
    show("/docs");

    List<String> listed =
        all(".opblock-summary").stream()
            .map(one ->
                one.findElement(By.cssSelector(".opblock-summary-method")).getText()
                    + " "
                    + one.findElement(By.cssSelector(".opblock-summary-path"))
                        .getDomAttribute("data-path"))
            .toList();
    assertThat(listed)
        .containsExactlyInAnyOrderElementsOf(
            Contract.served().operations().stream().map(Operation::key).toList());
    picture("docs");
    assertNoErrors();
  }

  @Test
  void createsAnItemWhenTriedOut() throws Exception {
    show("/docs");
    WebElement create = one("#operations-Items-createItem");
    click(create.findElement(By.cssSelector(".opblock-summary-control")));
    one("#operations-Items-createItem textarea.body-param__text");
    click(one("#operations-Items-createItem button.execute"));

    String answered =
        one("#operations-Items-createItem .live-responses-table tr.response td.response-col_status")
            .getText();
    String shown = one("#operations-Items-createItem .live-responses-table").getText();
    picture("try-it-out");

    assertThat(answered).startsWith("201");
    String location = shown.replaceFirst("(?s).*location: (\\S+).*", "$1");
    assertThat(api.get(location).text("name")).isEqualTo("Lamp");
    assertNoErrors();
  }

  @Test
  void readsAnItemWhenTriedOut() throws Exception {
    String id = api.send("POST", "/items", "{\"name\":\"Chair\",\"price\":1}").text("id");
    show("/docs");
    click(one("#operations-Items-getItem .opblock-summary-control"));
    WebElement input = one("#operations-Items-getItem tr[data-param-name=id] input");
    input.clear();
    input.sendKeys(id);
    click(one("#operations-Items-getItem button.execute"));

    assertThat(one("#operations-Items-getItem .live-responses-table").getText())
        .startsWith("Code")
        .contains("200", "\"Chair\"");
    assertNoErrors();
  }

  @Test
  void showsAPictureWhenTriedOut() throws Exception {
    show("/docs");
    click(one("#operations-Contract-getDocsFile .opblock-summary-control"));
    WebElement input = one("#operations-Contract-getDocsFile tr[data-param-name=file] input");
    input.clear();
    input.sendKeys("favicon-32x32.png");
    click(one("#operations-Contract-getDocsFile button.execute"));

    one("#operations-Contract-getDocsFile .live-responses-table img");
    assertNoErrors();
  }

  @Test
  void aTypeOfAProblemCanBeFollowed() throws Exception {
    show(ProblemType.PRECONDITION_FAILED.uri());

    assertThat(one("h1").getText()).isEqualTo("Precondition Failed");
    assertThat(one("article").getText()).contains("If-Match", "PUT /items/{id}");
    picture("problem");
    assertThat(one("nav a").getDomProperty("href")).isEqualTo(api.base() + "/docs");
    assertNoErrors();
  }

  private void show(String path) {
    browser.get(api.base() + path);
    all(path.equals("/docs") ? ".opblock-summary" : "article");
  }

  /** A breach of the Content-Security-Policy is an error too. */
  private void assertNoErrors() {
    assertThat(browser.manage().logs().get(LogType.BROWSER).getAll())
        .filteredOn(entry -> entry.getLevel().intValue() >= Level.WARNING.intValue())
        .extracting(LogEntry::getMessage)
        .isEmpty();
  }

  private WebElement one(String selector) {
    return all(selector).getFirst();
  }

  private List<WebElement> all(String selector) {
    return await()
        .atMost(PATIENCE)
        .until(() -> browser.findElements(By.cssSelector(selector)), found -> !found.isEmpty());
  }

  private void click(WebElement element) {
    browser.executeScript("arguments[0].scrollIntoView({block: 'center'})", element);
    element.click();
  }

  private void picture(String name) throws Exception {
    Path folder = Files.createDirectories(Path.of("target", "browser"));
    Files.write(folder.resolve(name + ".png"), browser.getScreenshotAs(OutputType.BYTES));
  }
}

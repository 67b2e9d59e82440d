package dev.asyncitems.system;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.logging.Level;
import java.util.stream.Collectors;
import org.openqa.selenium.By;
import org.openqa.selenium.OutputType;
import org.openqa.selenium.WebElement;
import org.openqa.selenium.chrome.ChromeDriver;
import org.openqa.selenium.chrome.ChromeDriverService;
import org.openqa.selenium.chrome.ChromeOptions;
import org.openqa.selenium.logging.LogEntry;
import org.openqa.selenium.logging.LogType;
import org.openqa.selenium.logging.LoggingPreferences;

/** A browser without a window, which finds no server but those of this machine. */
final class Chromium implements AutoCloseable {
  static final Duration PATIENCE = Duration.ofSeconds(20);

  private static final Path BINARY = Path.of(System.getProperty("chromium", "none"));
  private static final Path DRIVER = BINARY.resolveSibling("chromedriver");

  private final ChromeDriver driver;

  /**
   * Starts it.
   *
   * @param names further ones that lead to this machine, as DNS rebinding makes them do
   */
  Chromium(String... names) {
    LoggingPreferences logs = new LoggingPreferences();
    logs.enable(LogType.BROWSER, Level.ALL);
    ChromeOptions options = new ChromeOptions();
    options.setBinary(BINARY.toFile());
    options.addArguments(
        "--headless=new",
        "--no-sandbox", // for root, as CI is
        "--disable-dev-shm-usage",
        "--no-proxy-server",
        "--host-resolver-rules="
            + Arrays.stream(names)
                .map(name -> "MAP " + name + " 127.0.0.1 , ")
                .collect(Collectors.joining())
            + "MAP * ~NOTFOUND , EXCLUDE 127.0.0.1 , EXCLUDE localhost");
    options.setCapability("goog:loggingPrefs", logs);
    driver =
        new ChromeDriver(
            new ChromeDriverService.Builder().usingDriverExecutable(DRIVER.toFile()).build(),
            options);
    driver.manage().timeouts().scriptTimeout(PATIENCE);
    size(1280, 1600);
  }

  /** Whether it is on this machine. */
  static boolean isInstalled() {
    return Files.isExecutable(BINARY) && Files.isExecutable(DRIVER);
  }

  ChromeDriver driver() {
    return driver;
  }

  /** What of the page is seen: a window itself can't be as narrow as a telephone. */
  void size(int width, int height) {
    driver.executeCdpCommand(
        "Emulation.setDeviceMetricsOverride",
        Map.of("width", width, "height", height, "deviceScaleFactor", 1, "mobile", false));
  }

  /** What the page is told that the person prefers, such as {@code prefers-color-scheme}. */
  void prefers(String feature, String value) {
    Map<String, String> preference = Map.of("name", feature, "value", value);
    driver.executeCdpCommand("Emulation.setEmulatedMedia", Map.of("features", List.of(preference)));
  }

  /** Waits for the first such element. */
  WebElement one(String selector) {
    return all(selector).getFirst();
  }

  /** Waits for such elements. */
  List<WebElement> all(String selector) {
    return await()
        .atMost(PATIENCE)
        .until(() -> driver.findElements(By.cssSelector(selector)), found -> !found.isEmpty());
  }

  void click(WebElement element) {
    driver.executeScript("arguments[0].scrollIntoView({block: 'center'})", element);
    element.click();
  }

  /** Leaves the page, and forgets what was on its console. */
  void forget() {
    driver.get("about:blank");
    var _ = driver.manage().logs().get(LogType.BROWSER);
  }

  /** A breach of the Content-Security-Policy is an error too. */
  void assertNoErrors() {
    assertThat(driver.manage().logs().get(LogType.BROWSER).getAll())
        .filteredOn(entry -> entry.getLevel().intValue() >= Level.WARNING.intValue())
        .extracting(LogEntry::getMessage)
        .isEmpty();
  }

  /** Leaves a picture of what is seen in {@code target/browser}. */
  void picture(String name) throws IOException {
    Path folder = Files.createDirectories(Path.of("target", "browser"));
    Files.write(folder.resolve(name + ".png"), driver.getScreenshotAs(OutputType.BYTES));
  }

  @Override
  public void close() {
    driver.quit();
  }
}

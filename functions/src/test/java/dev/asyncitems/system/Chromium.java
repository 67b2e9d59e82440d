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
import java.util.Objects;
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

/**
 * The browser {@code -Dchromium}, without a window. Its folder also holds its driver. It can reach
 * no server but this machine.
 */
final class Chromium implements AutoCloseable {
  static final Duration PATIENCE = Duration.ofSeconds(20);

  private final ChromeDriver driver;

  /**
   * Starts the browser.
   *
   * @param names more host names that resolve to this machine, as after DNS rebinding
   */
  Chromium(String... names) {
    Path binary =
        Path.of(
            Objects.requireNonNull(
                System.getProperty("chromium"), "-Dchromium must be the path of Chromium"));
    LoggingPreferences logs = new LoggingPreferences();
    logs.enable(LogType.BROWSER, Level.ALL);
    ChromeOptions options = new ChromeOptions();
    options.setBinary(binary.toFile());
    options.addArguments(
        "--headless=new",
        "--no-sandbox", // CI runs as root.
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
            new ChromeDriverService.Builder()
                .usingDriverExecutable(binary.resolveSibling("chromedriver").toFile())
                .build(),
            options);
    driver.manage().timeouts().scriptTimeout(PATIENCE);
    size(1280, 1600);
  }

  ChromeDriver driver() {
    return driver;
  }

  /** Sets the visible size of the page. A window cannot be as narrow as a telephone. */
  void size(int width, int height) {
    driver.executeCdpCommand(
        "Emulation.setDeviceMetricsOverride",
        Map.of("width", width, "height", height, "deviceScaleFactor", 1, "mobile", false));
  }

  /** Sets a media feature of the page, such as {@code prefers-color-scheme}. */
  void prefers(String feature, String value) {
    Map<String, String> preference = Map.of("name", feature, "value", value);
    driver.executeCdpCommand("Emulation.setEmulatedMedia", Map.of("features", List.of(preference)));
  }

  /** Waits for the first element that matches a selector. */
  WebElement one(String selector) {
    return all(selector).getFirst();
  }

  /** Waits for all elements that match a selector. */
  List<WebElement> all(String selector) {
    return await()
        .atMost(PATIENCE)
        .until(() -> driver.findElements(By.cssSelector(selector)), found -> !found.isEmpty());
  }

  void click(WebElement element) {
    driver.executeScript("arguments[0].scrollIntoView({block: 'center'})", element);
    element.click();
  }

  /** Returns the elements among those of a selector whose content is wider than they are. */
  List<?> tooWide(String selector) {
    String script =
        "return [...document.querySelectorAll(arguments[0])]"
            + ".filter(one => one.clientWidth > 0 && one.scrollWidth > one.clientWidth)"
            + ".map(one => one.outerHTML)";
    return (List<?>) Objects.requireNonNull(driver.executeScript(script, selector));
  }

  /** Leaves the page and clears the console. */
  void forget() {
    driver.get("about:blank");
    var _ = driver.manage().logs().get(LogType.BROWSER);
  }

  /** Checks that the console has no errors, including violations of the Content-Security-Policy. */
  void assertNoErrors() {
    assertThat(driver.manage().logs().get(LogType.BROWSER).getAll())
        .filteredOn(entry -> entry.getLevel().intValue() >= Level.WARNING.intValue())
        .extracting(LogEntry::getMessage)
        .isEmpty();
  }

  /** Saves a screenshot to {@code target/browser}. */
  void picture(String name) throws IOException {
    Path folder = Files.createDirectories(Path.of("target", "browser"));
    Files.write(folder.resolve(name + ".png"), driver.getScreenshotAs(OutputType.BYTES));
  }

  @Override
  public void close() {
    driver.quit();
  }
}

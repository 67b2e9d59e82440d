package dev.asyncitems.local;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import org.junit.jupiter.api.Test;

class LogFilterTest {

  @Test
  void dropsOnlyMinorLogLines() {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    PrintStream behind = new PrintStream(bytes, true, UTF_8);
    PrintStream out = new PrintStream(new LogFilter(behind), true, UTF_8);
    out.print("{\"timestamp\":\"x\",\"level\":\"INFO\",\"message\":\"a\"}\n");
    out.print("{\"level\": \"DEBUG\"}\n");
    out.print("{\"level\":\"WARN\",\"message\":\"b \u00e9\"}\n");
    out.print("plain \"level\":\"INFO\"\n");
    out.print("{\"level\":\"ERROR\"}\nhalf");
    out.print(" a line\n");
    assertThat(bytes.toString(UTF_8))
        .isEqualTo(
            """
            {"level":"WARN","message":"b \u00e9"}
            plain "level":"INFO"
            {"level":"ERROR"}
            half a line
            """);
  }

  @Test
  void checksOnlyTheBeginningOfALongLine() {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    PrintStream out =
        new PrintStream(new LogFilter(new PrintStream(bytes, true, UTF_8)), true, UTF_8);
    String half = "\u20ac".repeat(LogFilter.LIMIT);
    out.print("x" + half);
    assertThat(bytes.size()).as("of a line that has no end yet").isGreaterThan(2 * LogFilter.LIMIT);
    out.print(half + "\n{\"level\":\"INFO\",\"message\":\"" + half);
    out.print(half + "\"}\n{\"level\":\"INFO\"}\nshort\n");

    assertThat(bytes.toString(UTF_8)).isEqualTo("x" + half + half + "\nshort\n");
  }
}

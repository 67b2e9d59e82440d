package dev.asyncitems.local;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.asyncitems.local.invocation.StackTraces;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import org.junit.jupiter.api.Test;

class LogFilterTest {

  private static final StackTraces TRACES = new StackTraces(type -> type.equals("own.Type"), false);

  @Test
  void dropsOnlyMinorLogLines() {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    PrintStream behind = new PrintStream(bytes, true, UTF_8);
    PrintStream out = new PrintStream(new LogFilter(behind, false, TRACES), true, UTF_8);
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
  void printsAStackTraceForAReader() {
    String failed =
        "{\"level\":\"WARN\",\"at\":\"a.B.c:1\",\"_aws\":{},\"stackTrace\":\"a.B: no\\u001b"
            + " paper\\n\\tat a.B.c(B.java:1)\\n\\tat a.B.d(B.java:2)\\n\\tat"
            + " own.Type.e(Type.java:3)\\n\",\"function\":\"F\"}\n";
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    PrintStream behind = new PrintStream(bytes, true, UTF_8);
    new PrintStream(new LogFilter(behind, false, TRACES), true, UTF_8)
        .print(failed + "{\"level\":\"INFO\"}\n{\"stackTrace\":7}\n{\"stackTrace\":\n");
    new PrintStream(new LogFilter(behind, true, TRACES), true, UTF_8)
        .print("{\"level\":\"INFO\",\"message\":\"all\"}\n");

    assertThat(bytes.toString(UTF_8))
        .isEqualTo(
            """
            {"level":"WARN","function":"F"}
                a.B: no\\u001b paper
                at a.B.c(B.java:1)
                ... 1 frame of libraries
                at own.Type.e(Type.java:3)
            {"stackTrace":7}
            {"stackTrace":
            {"level":"INFO","message":"all"}
            """);
  }

  @Test
  void checksOnlyTheBeginningOfALongLine() {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    PrintStream out =
        new PrintStream(
            new LogFilter(new PrintStream(bytes, true, UTF_8), false, TRACES), true, UTF_8);
    String half = "\u20ac".repeat(LogFilter.LIMIT);
    out.print("x" + half);
    assertThat(bytes.size()).as("of a line that has no end yet").isGreaterThan(2 * LogFilter.LIMIT);
    out.print(half + "\n{\"level\":\"INFO\",\"message\":\"" + half);
    out.print(half + "\"}\n{\"level\":\"INFO\"}\nshort\n");

    assertThat(bytes.toString(UTF_8)).isEqualTo("x" + half + half + "\nshort\n");
  }
}

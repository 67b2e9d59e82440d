package dev.asyncitems.edge;

import static org.assertj.core.api.Assertions.assertThat;

import dev.asyncitems.kernel.DeadlinePassed;
import dev.asyncitems.kernel.ServiceRefused;
import dev.asyncitems.kernel.Unavailable;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletionException;
import org.junit.jupiter.api.Test;

final class LogTest {
  private static final String SECRET = "secret-123";
  private static final Clock CLOCK =
      Clock.fixed(Instant.parse("2026-01-15T09:32:00.1239Z"), ZoneOffset.UTC);

  @Test
  void aLineIsOneJsonObjectThatLambdaTakesAsItIs() {
    Map<String, Object> fields = new LinkedHashMap<>();
    fields.put("text", "a\nb\"é😀");
    fields.put("number", 7);
    fields.put("long", 1L << 40);
    try (Printed printed = new Printed()) {
      new Log("GetItem", CLOCK).write(Log.Level.WARN, "hello", fields, Optional.empty());
      assertThat(printed.text())
          .isEqualTo(
              "{\"timestamp\":\"2026-01-15T09:32:00.123Z\",\"level\":\"WARN\","
                  + "\"message\":\"hello\",\"function\":\"GetItem\","
                  + "\"text\":\"a\\nb\\\"é😀\",\"number\":7,\"long\":1099511627776}"
                  + System.lineSeparator());
    }
  }

  @Test
  void ofAForeignFailureOnlyTheClassesAndThePlacesAreTold() throws Json.Malformed {
    Map<String, Json> line =
        line(new IllegalStateException(SECRET, new ArithmeticException(SECRET)));
    assertThat(text(line, "failure"))
        .isEqualTo("java.lang.IllegalStateException <- java.lang.ArithmeticException");
    assertThat(text(line, "at"))
        .startsWith(LogTest.class.getName() + ".ofAForeignFailure")
        .matches("[^ ]+:[0-9]+( < [^ ]+:-?[0-9]+){1,7}");
    assertThat(line.toString()).doesNotContain(SECRET);
  }

  @Test
  void ofOurOwnFailuresTheWordsAreToldAndNotThoseOfTheirCauses() throws Json.Malformed {
    Map<String, Json> away =
        line(
            new CompletionException(
                new Unavailable("DynamoDB answered 503", new IllegalStateException(SECRET))));
    assertThat(text(away, "failure"))
        .isEqualTo(
            "dev.asyncitems.kernel.Unavailable: DynamoDB answered 503"
                + " <- java.lang.IllegalStateException");
    assertThat(away).as("it is no fault of the code").doesNotContainKey("at");

    Map<String, Json> refused =
        line(new ServiceRefused("SQS answered 403", new IllegalStateException(SECRET)));
    assertThat(text(refused, "failure"))
        .isEqualTo(
            "dev.asyncitems.kernel.ServiceRefused: SQS answered 403"
                + " <- java.lang.IllegalStateException");
    assertThat(refused).containsKey("at");

    assertThat(line(new DeadlinePassed(new IllegalStateException(SECRET))))
        .doesNotContainKey("at")
        .containsEntry(
            "failure",
            new Json.Str(
                "dev.asyncitems.kernel.DeadlinePassed: the deadline has passed"
                    + " <- java.lang.IllegalStateException"));
  }

  private static Map<String, Json> line(Throwable failure) throws Json.Malformed {
    try (Printed printed = new Printed()) {
      new Log("GetItem", CLOCK).write(Log.Level.ERROR, "failed", Map.of(), Optional.of(failure));
      assertThat(printed.text()).doesNotContain(SECRET);
      return printed.lines().getFirst();
    }
  }

  private static String text(Map<String, Json> line, String name) {
    return line.get(name) instanceof Json.Str(String value) ? value : "";
  }
}

package dev.asyncitems.local.invocation;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class StackTracesTest {

  private static final String TYPE = StackTracesTest.class.getName();

  private static RuntimeException failure() {
    try {
      return new IllegalStateException(Optional.of(List.of("a")).map(one -> one.get(7)).get());
    } catch (IndexOutOfBoundsException e) {
      return new IllegalStateException("no \u001b paper", e);
    }
  }

  @Test
  void keepsMessagesCausesAndTheProjectsFrames() {
    List<String> lines =
        new StackTraces(type -> type.equals(TYPE), false)
            .lines(failure()).stream().map(line -> line.replaceAll("\\(.*\\)", "")).toList();

    assertThat(lines)
        .startsWith(
            "java.lang.IllegalStateException: no \\u001b paper",
            "at " + TYPE + ".failure",
            "at " + TYPE + ".keepsMessagesCausesAndTheProjectsFrames");
    assertThat(lines.subList(3, lines.size()))
        .containsSubsequence(
            "Caused by: java.lang.IndexOutOfBoundsException: Index: 7 Size: 1",
            "at " + TYPE + ".lambda$failure$0",
            "at " + TYPE + ".failure")
        .anyMatch(line -> line.matches("\\.\\.\\. [0-9]+ frames of libraries"))
        .noneMatch(line -> line.contains("Optional") || line.endsWith(" more"));
  }

  @Test
  void keepsTheFirstFrameOfAnException() {
    assertThat(new StackTraces(type -> false, false).lines(failure()))
        .filteredOn(line -> line.startsWith("at "))
        .hasSize(2);
  }

  /** A message may have any text. Jackson's second line looks like a frame. */
  @Test
  void aLineOfAMessageIsNoFrame() {
    String trace =
        """
        p.JsonException: malformed
         at [Source: (String)"{"; line: 1]
        at p.\\u0000(*:|<>
        \\tat q.First.<init>(First.java:1)
        \\tat java.base@25/r.Second$1.lambda$run$0(Unknown Source)
        """;
    StackTraces traces = new StackTraces(type -> Files.exists(Path.of(type)), false);

    assertThat(
            traces.readable(
                "{\"stackTrace\":\"" + trace.replace("\"", "\\\"").replace("\n", "\\n") + "\"}"))
        .endsWith(
            """
            malformed
                at [Source: (String)"{"; line: 1]
                at p.\\u0000(*:|<>
                at q.First.<init>(First.java:1)
                ... 1 frame of libraries\
            """);
  }

  @Test
  void keepsEverythingIfAsked() {
    assertThat(new StackTraces(type -> false, true).lines(failure()))
        .anyMatch(line -> line.contains("java.base/java.util.Optional.map"))
        .anyMatch(line -> line.matches("\\.\\.\\. [0-9]+ more"));
  }
}

package dev.asyncitems.lambda;

import dev.asyncitems.json.Json;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Captures the log lines on {@code System.out} until it is closed. */
public final class Printed implements AutoCloseable {
  private final PrintStream before = System.out;
  private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();

  public Printed() {
    System.setOut(new PrintStream(bytes, true, StandardCharsets.UTF_8));
  }

  public String text() {
    return bytes.toString(StandardCharsets.UTF_8);
  }

  /** Returns the lines, and fails if a line is not a JSON object. */
  public List<Map<String, Json>> lines() throws Json.Malformed {
    List<Map<String, Json>> lines = new ArrayList<>();
    for (String line : text().lines().toList()) {
      lines.add(((Json.Obj) Json.parse(line)).members());
    }
    return lines;
  }

  @Override
  public void close() {
    System.setOut(before);
  }
}

package dev.asyncitems.local;

import java.io.ByteArrayOutputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.regex.Pattern;

/**
 * Stands before {@code System.out} and keeps back the lines that functions log at the levels that
 * matter little: JSON objects with a {@code level} of INFO or less. Thread-safe.
 */
final class LogFilter extends OutputStream {

  private static final Pattern MINOR =
      Pattern.compile("^\\{.*\"level\"\\s*:\\s*\"(INFO|DEBUG|TRACE)\"", Pattern.DOTALL);

  private final PrintStream out;
  private final ByteArrayOutputStream line = new ByteArrayOutputStream();

  LogFilter(PrintStream out) {
    this.out = out;
  }

  @Override
  public synchronized void write(int b) {
    line.write(b);
    if (b == '\n') {
      flushLine();
    }
  }

  @Override
  public synchronized void write(byte[] bytes, int from, int length) {
    for (int i = from; i < from + length; i++) {
      write(bytes[i]);
    }
  }

  private void flushLine() {
    String text = line.toString(StandardCharsets.UTF_8);
    line.reset();
    if (!MINOR.matcher(text).find()) {
      out.print(text);
      out.flush();
    }
  }
}

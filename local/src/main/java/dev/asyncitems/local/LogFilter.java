package dev.asyncitems.local;

import java.io.ByteArrayOutputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.regex.Pattern;

/**
 * A stream that replaces {@code System.out} and drops minor log lines: JSON objects with the {@code
 * level} INFO, DEBUG or TRACE. It checks only the beginning of a long line. Thread-safe.
 */
final class LogFilter extends OutputStream {

  private static final Pattern MINOR =
      Pattern.compile("^\\{.*\"level\"\\s*:\\s*\"(INFO|DEBUG|TRACE)\"", Pattern.DOTALL);

  /** The maximum size of the checked part of a line, in bytes. */
  static final int LIMIT = 64 * 1024;

  private final PrintStream out;
  private final ByteArrayOutputStream line = new ByteArrayOutputStream();

  /** Whether the rest of a long line is printed. */
  private boolean passing;

  /** Whether the rest of a long line is dropped. */
  private boolean dropping;

  LogFilter(PrintStream out) {
    this.out = out;
  }

  @Override
  public synchronized void write(int b) {
    boolean beginsCharacter = (b & 0xC0) != 0x80;
    if (line.size() >= LIMIT && (beginsCharacter || line.size() >= LIMIT + 3)) {
      judge();
      dropping = !passing;
    }
    line.write(b);
    if (b == '\n') {
      judge();
      passing = false;
      dropping = false;
    }
  }

  @Override
  public synchronized void write(byte[] bytes, int from, int length) {
    for (int i = from; i < from + length; i++) {
      write(bytes[i]);
    }
  }

  private void judge() {
    String text = line.toString(StandardCharsets.UTF_8);
    line.reset();
    passing = passing || (!dropping && !MINOR.matcher(text).find());
    if (passing) {
      out.print(text);
      out.flush();
    }
  }
}

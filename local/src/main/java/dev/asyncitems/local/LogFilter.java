package dev.asyncitems.local;

import dev.asyncitems.local.invocation.StackTraces;
import java.io.ByteArrayOutputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.regex.Pattern;

/**
 * A replacement for {@code System.out} that can drop JSON log lines with the {@code level} INFO,
 * DEBUG or TRACE. It prints the stack traces in JSON lines for a reader. It checks only the first
 * 64 KiB of a line. Thread-safe.
 */
final class LogFilter extends OutputStream {

  private static final Pattern MINOR =
      Pattern.compile("^\\{.*\"level\"\\s*:\\s*\"(INFO|DEBUG|TRACE)\"", Pattern.DOTALL);

  /** The number of bytes of a line to check. Up to 3 further bytes complete a character. */
  static final int LIMIT = 64 * 1024;

  private final PrintStream out;
  private final boolean all;
  private final StackTraces traces;
  private final ByteArrayOutputStream line = new ByteArrayOutputStream();

  /** Whether to print the rest of the current line. */
  private boolean passing;

  /** Whether to drop the rest of the current line. */
  private boolean dropping;

  /** Creates a filter that prints {@code all} lines, or drops some. */
  LogFilter(PrintStream out, boolean all, StackTraces traces) {
    this.out = out;
    this.all = all;
    this.traces = traces;
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
    boolean whole = !passing && !dropping && text.endsWith("\n");
    passing = passing || (!dropping && (all || !MINOR.matcher(text).find()));
    if (passing) {
      out.print(whole ? traces.readable(text.substring(0, text.length() - 1)) + "\n" : text);
      out.flush();
    }
  }
}

package dev.asyncitems.local.page;

import java.io.ByteArrayOutputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.util.function.Consumer;

/**
 * A stream that replaces {@code System.out}. It passes on all output. It also gives each line to a
 * consumer, on the thread that printed the line. Thread-safe.
 */
final class PrintedLines extends OutputStream {

  /** The maximum number of bytes of a line that the consumer gets. */
  private static final int LIMIT = 64 * 1024;

  private final PrintStream out;
  private final Consumer<String> lines;
  private final ByteArrayOutputStream line = new ByteArrayOutputStream();

  private PrintedLines(PrintStream out, Consumer<String> lines) {
    this.out = out;
    this.lines = lines;
  }

  /** Starts the capture. The returned action ends it, unless System.out was replaced again. */
  static Runnable capture(Consumer<String> lines) {
    PrintStream before = System.out;
    PrintStream here = new PrintStream(new PrintedLines(before, lines), true, before.charset());
    System.setOut(here);
    return () -> {
      if (System.out.equals(here)) {
        System.setOut(before);
      }
    };
  }

  @Override
  public void write(int b) {
    write(new byte[] {(byte) b}, 0, 1);
  }

  @Override
  public synchronized void write(byte[] bytes, int from, int length) {
    out.write(bytes, from, length);
    for (int i = from; i < from + length; i++) {
      if (bytes[i] == '\n') {
        String text = line.toString(out.charset());
        line.reset();
        lines.accept(text);
      } else if (line.size() < LIMIT) {
        line.write(bytes[i]);
      }
    }
  }

  @Override
  public void flush() {
    out.flush();
  }
}

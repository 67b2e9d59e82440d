package dev.asyncitems.imports;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/**
 * Numbered lines of text, of which blank ones are skipped. A line ends with LF or CRLF. Immutable.
 *
 * @param first the number of the first line
 * @param text the lines, in any encoding that ASCII is a part of
 */
public record Lines(int first, ByteBuffer text) {
  public Lines {
    text = text.slice().asReadOnlyBuffer();
  }

  /** Returns a view with a position of its own. */
  @Override
  public ByteBuffer text() {
    return text.duplicate();
  }

  /**
   * A line that is not blank.
   *
   * @param number the number of the line, counting blank ones
   */
  public record Line(int number, ByteBuffer text) {}

  private record Span(int number, int start, int end) {}

  /** Returns the lines that are not blank. */
  public List<Line> list() {
    return spans().stream()
        .map(span -> new Line(span.number, text.slice(span.start, span.end - span.start)))
        .toList();
  }

  /** Returns parts with {@code size} lines each, except for the last. */
  List<Lines> split(int size) {
    List<Span> spans = spans();
    List<Lines> parts = new ArrayList<>();
    for (int from = 0; from < spans.size(); from += size) {
      Span start = spans.get(from);
      int end = spans.get(Math.min(from + size, spans.size()) - 1).end;
      parts.add(new Lines(start.number, text.slice(start.start, end - start.start)));
    }
    return parts;
  }

  private List<Span> spans() {
    List<Span> spans = new ArrayList<>();
    int number = first;
    int start = 0;
    boolean blank = true;
    for (int i = 0; i <= text.limit(); i++) {
      byte c = i < text.limit() ? text.get(i) : (byte) '\n';
      if (c == '\n') {
        if (!blank) {
          spans.add(new Span(number, start, i));
        }
        number++;
        start = i + 1;
        blank = true;
      } else if (c != ' ' && c != '\t' && c != '\r') {
        blank = false;
      }
    }
    return spans;
  }
}

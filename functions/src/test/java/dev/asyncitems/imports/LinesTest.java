package dev.asyncitems.imports;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class LinesTest {
  private static Lines lines(int first, String text) {
    return new Lines(first, UTF_8.encode(text));
  }

  private static List<String> shown(Lines lines) {
    return lines.list().stream()
        .map(line -> line.number() + " " + UTF_8.decode(line.text()))
        .toList();
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "\n", " \t\r\n\r\n  "})
  void blankTextHasNoLine(String blank) {
    assertThat(lines(1, blank).list()).isEmpty();
    assertThat(lines(1, blank).split(2)).isEmpty();
  }

  @Test
  void blankLinesAreSkippedAndCounted() {
    assertThat(shown(lines(7, "\na\r\n \t\r\n b\n\nc"))).containsExactly("8 a\r", "10  b", "12 c");
  }

  @Test
  void theLastLineMayEndWithALineBreak() {
    assertThat(shown(lines(1, "a\nb\n"))).isEqualTo(shown(lines(1, "a\nb")));
  }

  @Test
  void aLoneCarriageReturnIsNoLineBreak() {
    assertThat(shown(lines(1, "a\rb"))).containsExactly("1 a\rb");
  }

  @Test
  void bytesThatAreNotUtf8AreKept() {
    ByteBuffer bytes = ByteBuffer.wrap(new byte[] {(byte) 0xFF, '\n', 'a'});
    assertThat(new Lines(1, bytes).list().getFirst().text())
        .isEqualTo(ByteBuffer.wrap(new byte[] {(byte) 0xFF}));
  }

  @Test
  void partsHaveAllLinesWithTheirNumbersAndNoBlankEnds() {
    Lines all = lines(1, "\na\n\nb\nc\n\n\nd\ne\n");
    List<Lines> parts = all.split(2);
    assertThat(parts).hasSize(3);
    assertThat(parts.stream().flatMap(part -> shown(part).stream())).isEqualTo(shown(all));
    assertThat(parts).extracting(Lines::first).containsExactly(2, 5, 9);
    assertThat(parts.getFirst().text()).isEqualTo(UTF_8.encode("a\n\nb"));
  }

  @Test
  void aPartOfThePreciseSizeIsTheLast() {
    assertThat(lines(1, "a\nb\nc\nd").split(2)).hasSize(2);
    assertThat(lines(1, "a\nb").split(3)).hasSize(1);
  }

  @Test
  void readingTheTextDoesNotChangeIt() {
    Lines one = lines(1, "a");
    assertThat(UTF_8.decode(one.text()).toString()).isEqualTo("a");
    assertThat(UTF_8.decode(one.text()).toString()).isEqualTo("a");
    assertThat(one).isEqualTo(lines(1, "a"));
  }
}

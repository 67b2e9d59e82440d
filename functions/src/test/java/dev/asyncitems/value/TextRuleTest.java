package dev.asyncitems.value;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

final class TextRuleTest {
  private static final TextRule LINE = new TextRule(1, 5, false);
  private static final TextRule LINES = new TextRule(1, 5, true);
  private static final TextRule OPTIONAL = new TextRule(0, 5, true);

  private static final String BLANK = "must not be blank";
  private static final String CONTROL = "must not contain control characters";
  private static final String CONTROL_BUT_LINES =
      "must not contain control characters except tab, newline and carriage return";
  private static final String HALF = "must be well-formed Unicode without unpaired surrogates";

  /**
   * Returns the characters with the property White_Space in PropList.txt of the Unicode Character
   * Database.
   */
  static IntStream whiteSpace() {
    return IntStream.concat(
        IntStream.of(0x85, 0xA0, 0x1680, 0x2028, 0x2029, 0x202F, 0x205F, 0x3000, ' '),
        IntStream.concat(IntStream.rangeClosed(0x09, 0x0D), IntStream.rangeClosed(0x2000, 0x200A)));
  }

  @Test
  void lengthsAreCountedInCodePointsNotInChars() {
    String five = "😀".repeat(5);
    assertThat(five).hasSize(10);
    assertThat(LINE.faults(five)).isEmpty();
    assertThat(LINE.faults(five + "a")).containsExactly("must be 1 to 5 characters long, but is 6");
  }

  @Test
  void bothBoundsAreTaken() {
    assertThat(LINE.faults("a")).isEmpty();
    assertThat(LINE.faults("abcde")).isEmpty();
    assertThat(OPTIONAL.faults("")).isEmpty();
  }

  @Test
  void anEmptyTextIsTooShortAndNotBlankBesides() {
    assertThat(LINE.faults("")).containsExactly("must be 1 to 5 characters long, but is 0");
  }

  @ParameterizedTest
  @MethodSource("whiteSpace")
  void aTextOfOneWhiteSpaceCharacterIsBlank(int c) {
    String blank = Character.toString(c).repeat(2);
    assertThat(LINE.faults(blank)).contains(BLANK);
    assertThat(LINES.faults(blank)).contains(BLANK);
    assertThat(OPTIONAL.faults(blank)).doesNotContain(BLANK);
  }

  @Test
  void aTextOfAllKindsOfWhiteSpaceIsBlank() {
    String all =
        whiteSpace()
            .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append)
            .toString();
    assertThat(new TextRule(1, 100, true).faults(all)).contains(BLANK);
    assertThat(new TextRule(1, 100, true).faults(all + "a")).doesNotContain(BLANK);
  }

  @ParameterizedTest
  @ValueSource(ints = {0x200B, 0x180E, 0xFEFF, 0x2800, 'a'})
  void whatOnlyLooksEmptyIsNotBlank(int c) {
    assertThat(LINE.faults(Character.toString(c))).isEmpty();
  }

  @Test
  void noControlCharacterIsTakenInALine() {
    controlCharacters()
        .forEach(c ->
            assertThat(LINE.faults("a" + Character.toString(c)))
                .as("U+%04X", c)
                .containsExactly(CONTROL));
  }

  @Test
  void onlyTabNewlineAndCarriageReturnAreTakenInLines() {
    controlCharacters()
        .filter(c -> c != '\t' && c != '\n' && c != '\r')
        .forEach(c ->
            assertThat(LINES.faults("a" + Character.toString(c)))
                .as("U+%04X", c)
                .containsExactly(CONTROL_BUT_LINES));
    assertThat(LINES.faults("a\t\r\nb")).isEmpty();
  }

  private static IntStream controlCharacters() {
    return IntStream.concat(IntStream.rangeClosed(0, 0x1F), IntStream.rangeClosed(0x7F, 0x9F));
  }

  @ParameterizedTest
  @ValueSource(strings = {"\uD800", "\uDFFF", "\uD83D", "a\uDE00", "\uDE00\uD83D"})
  void halfASurrogatePairIsNoText(String half) {
    assertThat(LINE.faults(half)).containsExactly(HALF);
  }

  @Test
  void everyFaultIsToldAtOnce() {
    assertThat(LINE.faults("\u0000\uD83D\u0000\u0000\u0000\u0000"))
        .containsExactly(HALF, CONTROL, "must be 1 to 5 characters long, but is 6");
    assertThat(LINE.faults("\u0085")).containsExactly(CONTROL, BLANK);
  }

  @Test
  void requireGivesBackWhatHasNoFaultAndNamesTheFaultsOfTheRest() {
    assertThat(LINE.require("abc")).isEqualTo("abc");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> LINE.require("\u0000".repeat(6)))
        .withMessage(
            String.join("; ", List.of(CONTROL, "must be 1 to 5 characters long, but is 6")));
  }

  @ParameterizedTest
  @CsvSource({"0,0", "0,5", "3,3"})
  void boundsMayBeZeroOrEqual(int min, int max) {
    assertThat(new TextRule(min, max, false).faults("a".repeat(max))).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({"-1,5", "2,1"})
  void boundsThatMakeNoSenseAreRejected(int min, int max) {
    assertThatIllegalArgumentException().isThrownBy(() -> new TextRule(min, max, false));
  }
}

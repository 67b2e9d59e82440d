package dev.asyncitems.json;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import dev.asyncitems.json.Json.Arr;
import dev.asyncitems.json.Json.Bool;
import dev.asyncitems.json.Json.Malformed;
import dev.asyncitems.json.Json.Null;
import dev.asyncitems.json.Json.Num;
import dev.asyncitems.json.Json.Obj;
import dev.asyncitems.json.Json.Str;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class JsonTest {
  @Test
  void readsEveryKindOfValue() throws Malformed {
    assertThat(Json.parse(" {\"a\" : [1, \"b\", true, false, null, {}, []]} \r\n\t"))
        .isEqualTo(
            new Obj(
                Map.of(
                    "a",
                    new Arr(
                        List.of(
                            new Num("1"),
                            new Str("b"),
                            new Bool(true),
                            new Bool(false),
                            new Null(),
                            new Obj(Map.of()),
                            new Arr(List.of()))))));
  }

  @Test
  void membersKeepTheirOrder() throws Malformed {
    Json value = Json.parse("{\"z\":1,\"a\":2,\"m\":3}");
    assertThat(((Obj) value).members())
        .containsExactly(
            Map.entry("z", new Num("1")),
            Map.entry("a", new Num("2")),
            Map.entry("m", new Num("3")));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "0",
        "-0",
        "1.50",
        "1e999",
        "1E+2",
        "1e-999999999",
        "0e999999999",
        "1e99999999999999999999",
        "123456789012345678901234567890.123456789012345678901234567890"
      })
  void numbersAreKeptAsTheyWereWritten(String literal) throws Malformed {
    assertThat(Json.parse(literal)).isEqualTo(new Num(literal));
    assertThat(Json.parse("[" + literal + "]")).isEqualTo(new Arr(List.of(new Num(literal))));
  }

  @Test
  void aNumberOfManyDigitsIsKeptToo() throws Malformed {
    String literal = "1".repeat(200_000);
    assertThat(Json.parse(literal)).isEqualTo(new Num(literal));
  }

  @Test
  void halvesOfSurrogatePairsAndControlCharactersSurviveAsEscapes() throws Malformed {
    assertThat(Json.parse("\"\\ud83d\\u0000\\ude00\"")).isEqualTo(new Str("\ud83d\u0000\ude00"));
    assertThat(Json.parse("{\"\\ud83d\\ude00\":\"\\ude00\\ud83d\"}"))
        .isEqualTo(new Obj(Map.of("😀", new Str("\ude00\ud83d"))));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", " ", "\r\n\t "})
  void noValueIsEmpty(String text) {
    assertFault(text, "is empty");
  }

  @ParameterizedTest
  @ValueSource(strings = {"{} {}", "{}[]", "1 2", "{}1", "null null"})
  void moreThanOneValueIsRejected(String text) {
    assertFault(text, "holds more than one JSON value");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{",
        "[",
        "\"a",
        "{\"a\"",
        "{\"a\":",
        "{\"a\":1",
        "{\"a\":1,",
        "{\"a\":1,}",
        "[1,]",
        "[,1]",
        "}",
        "{}}",
        "{} x",
        "{}\u0000",
        "tru",
        "nul",
        "True",
        "NaN",
        "Infinity",
        "-Infinity",
        "+1",
        "01",
        "-",
        "1.",
        ".5",
        "1e",
        "0x10",
        "'a'",
        "{a:1}",
        "{'a':1}",
        "\"\\x\"",
        "\"\\u12\"",
        "\"a\nb\"",
        "\"\u0000\"",
        "{/**/}",
        "// a\n{}",
        "# a\n{}",
        "\uFEFF{}",
        "{1:2}",
        "[1 2]",
        "{\"a\" 1}",
        "\u00A0{}",
        "\u001E{}"
      })
  void whatIsNoJsonIsRejectedWithItsPlaceAndWithoutQuotingIt(String text) {
    assertThatExceptionOfType(Malformed.class)
        .isThrownBy(() -> Json.parse(text))
        .extracting(Malformed::getMessage)
        .asString()
        .matches("is not valid JSON(, near line [1-9][0-9]*, column [1-9][0-9]*)?");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"a\":1,\"a\":1}",
        "{\"a\":1,\"\\u0061\":2}",
        "{\"a\":null,\"b\":{\"c\":1,\"c\":2}}",
        "[{\"\":1,\"\":2}]"
      })
  void duplicateNamesAreRejectedAtAnyDepth(String text) {
    assertThatExceptionOfType(Malformed.class)
        .isThrownBy(() -> Json.parse(text))
        .withMessageMatching("has a duplicate member, near line 1, column [1-9][0-9]*");
  }

  @Test
  void theSameNameInTwoObjectsIsNoDuplicate() throws Malformed {
    assertThat(Json.parse("[{\"a\":1},{\"a\":{\"a\":2}}]")).isInstanceOf(Arr.class);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 20, 100})
  void nestingUpTo100DeepIsRead(int depth) throws Malformed {
    assertThat(Json.parse("[".repeat(depth) + "]".repeat(depth))).isInstanceOf(Arr.class);
    assertThat(Json.parse("{\"a\":".repeat(depth) + "1" + "}".repeat(depth)))
        .isInstanceOf(Obj.class);
  }

  @ParameterizedTest
  @ValueSource(ints = {101, 1_000, 100_000})
  void deeperNestingIsRejectedWhereverItEnds(int depth) {
    String fault = "is nested more than 100 levels deep";
    assertFault("[".repeat(depth) + "]".repeat(depth), fault);
    assertFault("{\"a\":".repeat(depth) + "1" + "}".repeat(depth), fault);
    assertFault("[".repeat(depth), fault);
    assertFault("[{\"a\":".repeat(depth), fault);
  }

  // Each pair has equal hashes, both in Java's strings (factor 31) and in the parser's names
  // (factor 33). Texts of equally many such pairs then collide too.
  @ParameterizedTest
  @ValueSource(strings = {"Aa", "Ac"})
  void namesThatCollideAreReadInTime(String like) throws Malformed {
    String object =
        IntStream.range(0, 1 << 13)
            .mapToObj(i ->
                IntStream.range(0, 13)
                    .mapToObj(bit -> (i >> bit & 1) == 0 ? like : "BB")
                    .collect(Collectors.joining("", "\"", "\":1")))
            .collect(Collectors.joining(",", "{", "}"));
    Json value = assertTimeoutPreemptively(Duration.ofSeconds(10), () -> Json.parse(object));
    assertThat(((Obj) value).members()).hasSize(1 << 13);
  }

  @Test
  void oneLongNameAndOneLongStringAreRead() throws Malformed {
    String name = "n".repeat(120_000);
    assertThat(Json.parse("{\"" + name + "\":\"" + name + "\"}"))
        .isEqualTo(new Obj(Map.of(name, new Str(name))));
  }

  @Test
  void isWrittenAsUtf8WithoutWhiteSpace() {
    assertThat(
            Json.write(json -> {
              json.writeStartObject();
              json.writeStringProperty("a", "é😀\"\\\u0000\u2028");
              json.writeName("n");
              json.writeNumber("1.5");
              json.writeEndObject();
            }))
        .isEqualTo("{\"a\":\"é😀\\\"\\\\\\u0000\u2028\",\"n\":1.5}");
  }

  @Test
  void anArrayHasTheTextOfEachElementOnOneLine() throws Exception {
    assertThat(
            Json.elements(
                " [ 1e400,\"a\\n\\ud800\" ,\n{\"é😀\"\r\n:[ 1,\n2] } ,null,[],-0.50\n,true]\n"))
        .contains(
            List.of(
                "1e400", "\"a\\n\\ud800\"", "{\"é😀\"  :[ 1, 2] }", "null", "[]", "-0.50", "true"));
    assertThat(Json.elements("[]")).contains(List.of());
  }

  /** Jackson reads a long text in parts. */
  @Test
  void elementsOfALongArrayAreComplete() throws Exception {
    List<String> elements =
        IntStream.range(0, 4_000).mapToObj(i -> "{\"é" + i + "\":[" + i + ",1.50]}").toList();
    assertThat(Json.elements("[" + String.join(" ,\n", elements) + "]")).contains(elements);
  }

  @ParameterizedTest
  @ValueSource(strings = {"{}", "1", "\"[]\"", "null"})
  void anotherValueHasNoElements(String text) throws Exception {
    assertThat(Json.elements(text)).isEmpty();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "``|is empty",
        "{} {}|holds more than one JSON value",
        "[1] 2|holds more than one JSON value",
        "[1,]|is not valid JSON, near line 1, column 4",
        "[1|is not valid JSON, near line 1, column 3",
        "[{\"a\":1,\"a\":2}]|has a duplicate member, near line 1, column 12"
      })
  void elementsOfMalformedTextAreNotRead(String text, String fault) {
    assertThatExceptionOfType(Malformed.class)
        .isThrownBy(() -> Json.elements(text))
        .withMessage(fault);
  }

  @Test
  void elementsOfADeepArrayAreNotRead() {
    assertThatExceptionOfType(Malformed.class)
        .isThrownBy(() -> Json.elements("[".repeat(20_000)))
        .withMessage("is nested more than 100 levels deep");
  }

  @Test
  void textThatIsNotUtf8IsMalformed() {
    ByteBuffer bytes = ByteBuffer.wrap(new byte[] {'"', (byte) 0xFF, '"'});
    assertThatExceptionOfType(Malformed.class)
        .isThrownBy(() -> Json.parse(bytes))
        .withMessage("is not UTF-8");
    assertThat(bytes.remaining()).as("is not changed").isEqualTo(3);
  }

  private static void assertFault(String text, String fault) {
    assertThatExceptionOfType(Malformed.class)
        .isThrownBy(() -> Json.parse(text))
        .withMessage(fault);
  }
}

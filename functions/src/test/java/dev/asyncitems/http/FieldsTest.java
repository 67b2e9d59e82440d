package dev.asyncitems.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.asyncitems.json.Json;
import dev.asyncitems.value.TextRule;
import java.math.BigDecimal;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class FieldsTest {
  private static final TextRule RULE = new TextRule(1, 5, false);

  @Test
  void readsWhatIsAsItMustBe() {
    Fields fields = fields("{\"t\":\"text\",\"n\":1.50,\"a\":[\"x\",\"y\"]}");
    assertThat(fields.text("t", RULE)).contains("text");
    assertThat(fields.decimal("n", value -> List.of())).contains(new BigDecimal("1.50"));
    assertThat(fields.distinctTexts("a", RULE, 2)).contains(List.of("x", "y"));
    fields.check();
  }

  @Test
  void everyFaultIsNamedAtOnceByItsPointer() {
    Fields fields =
        fields(
            "{\"name\":\"too long\",\"price\":\"1\",\"tags\":[\"a\",1,\"\",\"a\"],\"more\":null}");
    assertThat(fields.text("name", RULE)).isEmpty();
    assertThat(fields.decimal("price", value -> List.of())).isEmpty();
    assertThat(fields.distinctTexts("tags", RULE, 20)).isEmpty();
    assertThat(fields.required("id", (all, name) -> all.text(name, RULE))).isEmpty();
    assertThat(faults(fields))
        .containsExactly(
            Violation.at("/name", "must be 1 to 5 characters long, but is 8"),
            Violation.at("/price", "must be a number"),
            Violation.at("/tags/1", "must be a string"),
            Violation.at("/tags/2", "must be 1 to 5 characters long, but is 0"),
            Violation.at("/tags/3", "must not repeat an earlier element"),
            Violation.at("/id", "is required"),
            Violation.at("/more", "is not a known member"));
  }

  @Test
  void theProblemIs422() {
    Problem problem = problem(fields("{\"x\":1}"));
    assertThat(problem.type()).isEqualTo(ProblemType.INVALID_CONTENT);
  }

  @ParameterizedTest
  @CsvSource({
    "a/b, /a~1b",
    "m~n, /m~0n",
    "~1, /~01",
    "/, /~1",
    "'', /",
    "c%d, /c%d",
    "e^f, /e^f",
    "' ', '/ '"
  })
  void pointersAreEscapedAsRfc6901Says(String name, String pointer) {
    assertThat(faults(fields("{\"" + name + "\":1}")))
        .containsExactly(Violation.at(pointer, "is not a known member"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"\uD800", "\uDFFF"})
  void aPointerNeverHoldsHalfASurrogatePair(String half) {
    Fields fields = new Fields(new Json.Obj(Map.of(half + "x😀", new Json.Null())));
    assertThat(faults(fields)).containsExactly(Violation.at("/\uFFFDx😀", "is not a known member"));
  }

  @Test
  void anOptionalMemberThatIsNullIsAbsentAndAnUnknownOneIsNot() {
    Fields fields = fields("{\"t\":null,\"n\":null,\"a\":null}");
    assertThat(fields.text("t", RULE)).isEmpty();
    assertThat(fields.decimal("n", value -> List.of("never asked"))).isEmpty();
    assertThat(fields.distinctTexts("a", RULE, 2)).isEmpty();
    fields.check();
    assertThat(faults(fields("{\"x\":null}")))
        .containsExactly(Violation.at("/x", "is not a known member"));
  }

  @Test
  void aMemberOfAPatchIsAbsentNullOrAValue() {
    Fields fields = fields("{\"n\":null,\"t\":\"a\",\"wrong\":1}");
    assertThat(fields.ifGiven("x", FieldsTest::text)).isEmpty();
    assertThat(fields.ifGiven("n", FieldsTest::text)).contains(Optional.empty());
    assertThat(fields.ifGiven("t", FieldsTest::text)).contains(Optional.of("a"));
    assertThat(fields.ifGiven("wrong", FieldsTest::text)).contains(Optional.empty());
    assertThat(faults(fields)).containsExactly(Violation.at("/wrong", "must be a string"));
  }

  private static Optional<String> text(Fields fields, String name) {
    return fields.text(name, RULE);
  }

  @Test
  void aRequiredMemberIsNeitherAbsentNorNull() {
    Fields fields = fields("{\"b\":null,\"c\":\"c\"}");
    assertThat(fields.required("a", (all, name) -> all.text(name, RULE))).isEmpty();
    assertThat(fields.required("b", (all, name) -> all.text(name, RULE))).isEmpty();
    assertThat(fields.required("c", (all, name) -> all.text(name, RULE))).contains("c");
    assertThat(faults(fields))
        .containsExactly(Violation.at("/a", "is required"), Violation.at("/b", "must not be null"));
  }

  @Test
  void aMemberThatMustNotBeNullMayBeAbsent() {
    Fields fields = fields("{\"b\":null,\"c\":\"c\"}");
    assertThat(fields.notNull("a", (all, name) -> all.text(name, RULE))).isEmpty();
    assertThat(fields.notNull("b", (all, name) -> all.text(name, RULE))).isEmpty();
    assertThat(fields.notNull("c", (all, name) -> all.text(name, RULE))).contains("c");
    assertThat(faults(fields)).containsExactly(Violation.at("/b", "must not be null"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"[]", "1", "\"a\"", "null", "true", "[{\"a\":\"a\"}]"})
  void whatIsNoObjectHasThatOneFault(String body) {
    Fields fields = fields(body);
    assertThat(fields.required("a", (all, name) -> all.text(name, RULE))).isEmpty();
    assertThat(fields.notNull("b", (all, name) -> all.text(name, RULE))).isEmpty();
    assertThat(faults(fields)).containsExactly(Violation.at("", "the body must be a JSON object"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"1", "true", "[]", "{}"})
  void aTextIsAString(String value) {
    Fields fields = fields("{\"t\":" + value + "}");
    assertThat(fields.text("t", RULE)).isEmpty();
    assertThat(faults(fields)).containsExactly(Violation.at("/t", "must be a string"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"\"1\"", "true", "[]", "{}"})
  void aDecimalIsANumber(String value) {
    Fields fields = fields("{\"n\":" + value + "}");
    assertThat(fields.decimal("n", number -> List.of())).isEmpty();
    assertThat(faults(fields)).containsExactly(Violation.at("/n", "must be a number"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"1e9999999999", "-1e-9999999999", "0e9999999999", "1e-2147483648"})
  void aDecimalBeyondAllBoundsIsNamedAndDoesNotFail(String literal) {
    Fields fields = fields("{\"n\":" + literal + ",\"m\":" + "9".repeat(1_001) + "}");
    assertThat(fields.decimal("n", number -> List.of())).isEmpty();
    assertThat(fields.decimal("m", number -> List.of())).isEmpty();
    String fault = "the number is too long or its exponent is too large";
    assertThat(faults(fields))
        .containsExactly(Violation.at("/n", fault), Violation.at("/m", fault));
  }

  @Test
  void aDecimalHas1000CharactersAtMost() {
    String longest = "9".repeat(1_000);
    assertThat(fields("{\"n\":" + longest + "}").decimal("n", number -> List.of()))
        .contains(new BigDecimal(longest));
  }

  @Test
  void everyRuleThatADecimalBreaksIsNamed() {
    Fields fields = fields("{\"n\":-1.234}");
    assertThat(fields.decimal("n", number -> List.of(number + " is too small", "too fine")))
        .isEmpty();
    assertThat(faults(fields))
        .containsExactly(Violation.at("/n", "-1.234 is too small"), Violation.at("/n", "too fine"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"1", "\"a\"", "true", "{}"})
  void distinctTextsAreAnArray(String value) {
    Fields fields = fields("{\"a\":" + value + "}");
    assertThat(fields.distinctTexts("a", RULE, 2)).isEmpty();
    assertThat(faults(fields)).containsExactly(Violation.at("/a", "must be an array of strings"));
  }

  @Test
  void distinctTextsMayBeNoneAndHaveAMost() {
    assertThat(fields("{\"a\":[]}").distinctTexts("a", RULE, 2)).contains(List.of());
    Fields fields = fields("{\"a\":[\"x\",null,3,4]}");
    assertThat(fields.distinctTexts("a", RULE, 2)).isEmpty();
    assertThat(faults(fields))
        .containsExactly(
            Violation.at("/a", "must have at most 2 elements, but has 4"),
            Violation.at("/a/1", "must be a string"));
  }

  @Test
  void membersThatAreReadOverMayHoldAnything() {
    Fields fields = fields("{\"id\":[{}],\"version\":\"x\",\"other\":1}");
    fields.ignore("id", "version", "absent");
    assertThat(faults(fields)).containsExactly(Violation.at("/other", "is not a known member"));
  }

  @Test
  void anAnswerNamesAHundredUnknownMembersAndCountsTheOthers() {
    assertThat(faults(unknown(30_000)))
        .hasSize(101)
        .endsWith(Violation.at("", "29900 more members are unknown"))
        .startsWith(Violation.at("/0", "is not a known member"));
    assertThat(faults(unknown(100)))
        .hasSize(100)
        .endsWith(Violation.at("/99", "is not a known member"));
  }

  private static Fields unknown(int count) {
    return fields(
        IntStream.range(0, count)
            .mapToObj(i -> "\"" + i + "\":1")
            .collect(Collectors.joining(",", "{", "}")));
  }

  @ParameterizedTest
  @CsvSource({"~, ~0", "/, ~1", "a, a", "😀, 😀", "'\u0001', '\u0001'"})
  void aLongNameIsCutInItsPointer(String character, String escaped) {
    Fields fields = new Fields(new Json.Obj(Map.of(character.repeat(200 * 1024), new Json.Null())));
    assertThat(faults(fields))
        .containsExactly(Violation.at("/" + escaped.repeat(100) + "…", "is not a known member"));
    fields = new Fields(new Json.Obj(Map.of(character.repeat(100), new Json.Null())));
    assertThat(faults(fields))
        .containsExactly(Violation.at("/" + escaped.repeat(100), "is not a known member"));
  }

  private static Fields fields(String body) {
    try {
      return new Fields(Json.parse(body));
    } catch (Json.Malformed e) {
      throw new AssertionError(body, e);
    }
  }

  private static List<Violation> faults(Fields fields) {
    return problem(fields).violations();
  }

  private static Problem problem(Fields fields) {
    return Optional.ofNullable(catchThrowableOfType(ProblemException.class, fields::check))
        .orElseThrow(() -> new AssertionError("no fault was found"))
        .problem();
  }
}

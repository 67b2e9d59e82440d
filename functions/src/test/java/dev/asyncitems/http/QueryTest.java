package dev.asyncitems.http;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class QueryTest {
  @ParameterizedTest
  @CsvSource({
    "hello, hello",
    "a+b, a b",
    "a%20b, a b",
    "a%2Bb, a+b",
    "a%2bb, a+b",
    "100%25, 100%",
    "%C3%A9, é",
    "%F0%9F%98%80, 😀",
    "é😀, é😀",
    "é%20%C3%A9, é é",
    "\u0080, \u0080",
    "a=b, a=b",
    "'', ''"
  })
  void isFormDecoded(String encoded, String decoded) {
    assertThat(Query.decode(encoded)).contains(decoded);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "%",
        "%4",
        "a%",
        "%zz",
        "%4g",
        "%g4",
        "%%",
        "% 4",
        "%-1",
        "%+1",
        "%+A",
        "%4+",
        "%\u0664\u0661"
      })
  void aBrokenPercentEncodingIsRejected(String encoded) {
    assertThat(Query.decode(encoded)).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "%FF",
        "%C3",
        "%C3a",
        "%80",
        "%C0%80",
        "%ED%A0%80",
        "%F5%80%80%80",
        "%F0%9F%98",
        "%E9"
      })
  void whatIsNotUtf8IsRejected(String encoded) {
    assertThat(Query.decode(encoded)).isEmpty();
  }

  @Test
  void namesAreDecodedTooAndPairsKeepTheirOrder() {
    Query query = new Query("a=1&%61=2&b=x&a=3");
    assertThat(query.values("a")).containsExactly("1", "2", "3");
    assertThat(query.values("b")).containsExactly("x");
    assertThat(query.values("c")).isEmpty();
    assertThat(query.values("A")).isEmpty();
  }

  @Test
  void aPairWithoutAnEqualsSignOrAValueIsEmpty() {
    assertThat(new Query("a").values("a")).containsExactly("");
    assertThat(new Query("a=").values("a")).containsExactly("");
    assertThat(new Query("a&a=&a=1").values("a")).containsExactly("", "", "1");
    assertThat(new Query("=1").values("")).as("an empty name").containsExactly("1");
  }

  @Test
  void onlyTheFirstEqualsSignParts() {
    assertThat(new Query("a=b=c").values("a")).containsExactly("b=c");
    assertThat(new Query("a==").values("a")).containsExactly("=");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "&", "&&&", "=", "=&=", "%=1", "%FF=1", "%zz&b"})
  void aBrokenParameterThatNobodyKnowsDoesNoHarm(String raw) {
    assertThat(new Query(raw).values("a")).isEmpty();
    assertThat(new Query(raw + "&a=1").values("a")).containsExactly("1");
    assertThat(new Query("a=1&" + raw).values("a")).containsExactly("1");
  }

  @Test
  void valuesAreGivenAsTheyWereSent() {
    assertThat(new Query("a=%zz+").values("a")).containsExactly("%zz+");
  }
}

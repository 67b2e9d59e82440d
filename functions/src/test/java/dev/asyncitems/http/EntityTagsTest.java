package dev.asyncitems.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class EntityTagsTest {
  @ParameterizedTest
  @ValueSource(strings = {"*", " * ", "\t*"})
  void aStarMatchesAny(String value) {
    EntityTags tags = EntityTags.parse(value).orElseThrow();
    assertThat(tags.any()).isTrue();
    assertThat(tags.strongVersions()).isEmpty();
    assertThat(tags.weaklyMatches("42")).isTrue();
    assertThat(tags.stronglyMatches("42")).isTrue();
  }

  @Test
  void theTagOfAVersionIsItsNumberInQuotes() {
    assertThat(EntityTags.of(42)).isEqualTo("\"42\"");
    assertThat(
            EntityTags.parse(EntityTags.of(Long.MAX_VALUE))
                .orElseThrow()
                .weaklyMatches(String.valueOf(Long.MAX_VALUE)))
        .isTrue();
    assertThat(EntityTags.parse(EntityTags.of(Long.MAX_VALUE)).orElseThrow().strongVersions())
        .containsExactly(Long.MAX_VALUE);
    assertThat(EntityTags.parse(EntityTags.of(99)).orElseThrow().strongVersions())
        .as("its digits sort after those of the largest version")
        .containsExactly(99L);
    EntityTags tags = EntityTags.parse(EntityTags.of(42)).orElseThrow();
    assertThat(tags.any()).isFalse();
    assertThat(tags.strongVersions()).containsExactly(42L);
    assertThat(tags.weaklyMatches("42")).isTrue();
    assertThat(tags.stronglyMatches("42")).isTrue();
    assertThat(tags.weaklyMatches("4")).isFalse();
    assertThat(tags.stronglyMatches("4")).isFalse();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "\"1\",\"2\",\"3\"",
        "\"1\", \"2\" ,\t\"3\"",
        " \"3\" , \"1\" , \"2\" ",
        ",\"1\",,\"2\", ,\"3\",",
        " , , \"1\", \"2\", \"3\" , , ",
        "\"1\",\"2\",\"3\",\"2\"",
        "W/\"4\", \"1\", \"abc\", \"2\", \"\", \"01\", \"3\", \"3.0\""
      })
  void aListNamesItsStrongTagsAndMayHaveEmptyElements(String value) {
    assertThat(EntityTags.parse(value).orElseThrow().strongVersions())
        .isEqualTo(Set.of(1L, 2L, 3L));
  }

  @Test
  void aWeakTagMatchesWeaklyAndNeverStrongly() {
    EntityTags tags = EntityTags.parse("W/\"7\"").orElseThrow();
    assertThat(tags.strongVersions()).isEmpty();
    assertThat(tags.weakVersions()).containsExactly(7L);
    assertThat(tags.weaklyMatches("7")).isTrue();
    assertThat(tags.stronglyMatches("7")).isFalse();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "\"\"",
        "\"0\"",
        "\"01\"",
        "\"-1\"",
        "\"1e0\"",
        "\"a,b\"",
        "\"\u00ff\"",
        "\"*\"",
        "\"'\"",
        "\"W/1\"",
        "\"9223372036854775808\"",
        "\"9999999999999999999\"",
        "\"9999999999999999999999999\""
      })
  void aTagThatIsNoneOfOursIsNoVersion(String value) {
    EntityTags tags = EntityTags.parse(value).orElseThrow();
    assertThat(tags.strongVersions()).isEmpty();
    assertThat(tags.weakVersions()).isEmpty();
    assertThat(tags.weaklyMatches("1")).isFalse();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        " ",
        ",",
        " , ,",
        "1",
        "\"1",
        "1\"",
        "'1'",
        "\"1\" \"2\"",
        "\"1\"\"2\"",
        "\"1\"; \"2\"",
        "\"1\", 2",
        "\"1\", *",
        "*, \"1\"",
        "**",
        "w/\"1\"",
        "W/ \"1\"",
        "W/1",
        "W/",
        "\"a b\"",
        "\" 1\"",
        "\"\u0669\"",
        "\"1\u0007\"",
        "\"1\",\n\"2\"",
        "\"1\"\n,\"2\"",
        "\"1\"\n",
        "\n*",
        "\u2003\"1\"",
        "\"1\" x"
      })
  void whatIsNoListOfTagsIsMalformed(String value) {
    assertThat(EntityTags.parse(value)).isEmpty();
  }

  @Test
  void theLongestHeaderThatAGatewayPassesIsReadToo() {
    // API Gateway limits the request line and headers to 10,240 bytes.
    assertThat(EntityTags.parse(",".repeat(10_000))).isEmpty();
    assertThat(EntityTags.parse(", ".repeat(5_000) + "\"1\"")).isPresent();
    assertThat(EntityTags.parse("\"1\"" + " ,".repeat(5_000))).isPresent();
    assertThat(EntityTags.parse("\"1\"" + " ".repeat(10_000) + "x")).isEmpty();
    assertThat(EntityTags.parse("\"" + "1".repeat(10_000) + "\"")).isPresent();
    assertThat(EntityTags.parse("\"1\",".repeat(2_500)).orElseThrow().strongVersions())
        .containsExactly(1L);
  }
}

package dev.asyncitems.value;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.time.Instant;
import java.util.HashSet;
import java.util.Locale;
import java.util.Set;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class UuidV7Test {
  private static final Instant TIME = Instant.parse("2026-01-15T09:32:00.123Z");

  @Test
  void hasTheVersionAndTheVariantOfTheStandard() {
    for (int i = 0; i < 1_000; i++) {
      UUID id = UuidV7.at(TIME);
      assertThat(id.version()).isEqualTo(7);
      assertThat(id.variant()).isEqualTo(2);
    }
  }

  @Test
  void holdsItsTimeToTheMillisecond() {
    assertThat(UuidV7.time(UuidV7.at(TIME.plusNanos(999_999)))).isEqualTo(TIME);
    assertThat(UuidV7.time(UUID.fromString("017f22e2-79b0-7cc3-98c4-dc0c0c07398f")))
        .as("example in RFC 9562, appendix A.6")
        .isEqualTo(Instant.ofEpochMilli(0x017F22E279B0L));
  }

  @Test
  void sortsAsTextByItsTime() {
    String before = UuidV7.at(TIME).toString();
    for (long millis : new long[] {1, 1_000, 86_400_000L, 1_000_000_000_000L}) {
      String after = UuidV7.at(TIME.plusMillis(millis)).toString();
      assertThat(after).isGreaterThan(before);
      before = after;
    }
  }

  @Test
  void isNewEachTime() {
    Set<UUID> ids = new HashSet<>();
    for (int i = 0; i < 10_000; i++) {
      ids.add(UuidV7.at(TIME));
    }
    assertThat(ids).hasSize(10_000);
  }

  @Test
  void sortsByItsCounterWithinATime() {
    UUID id = UuidV7.at(TIME, 0x0A1);
    assertThat(id.toString()).containsPattern("^[0-9a-f-]{14}70a1-");
    assertThat(id.version()).isEqualTo(7);
    assertThat(id.variant()).isEqualTo(2);
    assertThat(UuidV7.time(id)).isEqualTo(TIME);
    assertThat(UuidV7.at(TIME, 0x0A1)).isNotEqualTo(id);
    UUID last = UuidV7.withCounter(id, 0xFFF);
    assertThat(last.toString()).isEqualTo(id.toString().replace("-70a1-", "-7fff-"));
    assertThat(UuidV7.withCounter(last, 0x0A1)).isEqualTo(id);
  }

  @ParameterizedTest
  @ValueSource(ints = {-1, 0x1000})
  void aCounterHasTwelveBits(int counter) {
    assertThatIllegalArgumentException().isThrownBy(() -> UuidV7.at(TIME, counter));
  }

  @Test
  void readsAnyVersionInAnyCase() {
    String text = "0123abcd-45ef-4890-abcd-ef0123456789";
    UUID id = UUID.fromString(text);
    assertThat(UuidV7.parse(text)).contains(id);
    assertThat(UuidV7.parse(text.toUpperCase(Locale.ROOT))).contains(id);
    assertThat(UuidV7.parse("0123AbCd-45eF-4890-aBcD-Ef0123456789")).contains(id);
    assertThat(UuidV7.parse("00000000-0000-0000-0000-000000000000")).contains(new UUID(0, 0));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "x",
        "1-1-1-1-1",
        "0123abcd-45ef-4890-abcd-ef012345678",
        "0123abcd-45ef-4890-abcd-ef01234567890",
        "0123abcd-45ef-4890-abcd-ef012345678g",
        "0123abcd45ef4890abcdef0123456789",
        "{0123abcd-45ef-4890-abcd-ef0123456789}",
        "urn:uuid:0123abcd-45ef-4890-abcd-ef0123456789",
        " 0123abcd-45ef-4890-abcd-ef0123456789",
        "0123abcd-45ef-4890-abcd-ef0123456789\n",
        "+123abcd-45ef-4890-abcd-ef0123456789",
        "0123abc-d45ef-4890-abcd-ef0123456789",
        "0123abcd-45ef-4890-abcd-ef012345678\u0669"
      })
  void refusesEveryOtherForm(String text) {
    assertThat(UuidV7.parse(text)).isEmpty();
  }
}

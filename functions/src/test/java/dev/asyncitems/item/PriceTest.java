package dev.asyncitems.item;

import static org.assertj.core.api.Assertions.assertThat;

import java.math.BigDecimal;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class PriceTest {
  private static final String RANGE = "must be from 0 to 999,999,999.99";
  private static final String DECIMALS = "must have at most 2 decimals";

  @ParameterizedTest
  @CsvSource({
    "0, 0",
    "-0, 0",
    "-0.00, 0",
    "0.000000, 0",
    "0e999999999, 0",
    "0e-999999999, 0",
    "1.50, 1.5",
    "1.5000000, 1.5",
    "100, 100",
    "1e2, 100",
    "1E+8, 100000000",
    "12345e-2, 123.45",
    "1230e-3, 1.23",
    "0.01, 0.01",
    "999999999.99, 999999999.99",
    "999999999.9900, 999999999.99"
  })
  void isWrittenPlainlyWithoutTrailingZeros(String literal, String text) {
    Price price = new Price(new BigDecimal(literal));
    assertThat(price).hasToString(text);
    assertThat(price).isEqualTo(new Price(new BigDecimal(text)));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"0", "-0", "0.00", "0.01", "1.230", "1e2", "999999999.99", "999999999.9900"})
  void bothBoundsAndTwoDecimalsAreTaken(String literal) {
    assertThat(Price.faults(new BigDecimal(literal))).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"-0.01", "-1", "1000000000", "999999999.999", "1e999", "1e999999999", "-1e999"})
  void isFrom0To999999999Point99(String literal) {
    assertThat(Price.faults(new BigDecimal(literal))).contains(RANGE);
  }

  @ParameterizedTest
  @ValueSource(strings = {"0.001", "1.005", "0.0100001", "1e-3", "1e-999999999", "1e-2147483647"})
  void hasAtMostTwoDecimals(String literal) {
    assertThat(Price.faults(new BigDecimal(literal))).containsExactly(DECIMALS);
  }

  @ParameterizedTest
  @ValueSource(strings = {"1e2147483647", "100e2147483647", "-100e2147483647"})
  void isRejectedAndDoesNotFailWhereBigDecimalEnds(String literal) {
    assertThat(Price.faults(new BigDecimal(literal))).containsExactly(RANGE);
  }

  @Test
  void bothFaultsAreToldAtOnce() {
    assertThat(Price.faults(new BigDecimal("-0.001"))).containsExactly(RANGE, DECIMALS);
    assertThat(new Price(new BigDecimal("-0.001")).faults()).containsExactly(RANGE, DECIMALS);
  }

  @Test
  void aRowsPriceIsWhateverItIsAndNoneIsShownAsZero() {
    assertThat(new Price(new BigDecimal("1.0050"))).hasToString("1.005");
    assertThat(new Price(new BigDecimal("9e125")).toString()).hasSize(126);
    assertThat(Price.UNKNOWN).hasToString("0").isNotEqualTo(new Price(BigDecimal.ZERO));
    assertThat(Price.UNKNOWN.faults()).containsExactly("is required");
  }
}

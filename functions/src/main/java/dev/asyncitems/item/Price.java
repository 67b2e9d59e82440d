package dev.asyncitems.item;

import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * A price: an exact decimal, without trailing zeros. One that is written is from 0 to
 * 999,999,999.99 and has at most 2 decimals; one that was read from a row may be any.
 *
 * @param value empty if a row holds no number: such a price is shown as 0 and never written
 */
public record Price(Optional<BigDecimal> value) {
  /** The price of a row that holds no number. */
  public static final Price UNKNOWN = new Price(Optional.empty());

  private static final BigDecimal MAX = new BigDecimal("999999999.99");
  private static final int MAX_DECIMALS = 2;

  public Price {
    // Also makes -0 and 0.00 to 0, which stripTrailingZeros does for every zero.
    value = value.map(BigDecimal::stripTrailingZeros);
  }

  /** A price of a number. */
  public Price(BigDecimal value) {
    this(Optional.of(value));
  }

  /** All that keeps the price from being written, each as what it must be. */
  public List<String> faults() {
    return value.map(Price::faults).orElse(List.of("is required"));
  }

  /** All that keeps a number from being a price, each as what it must be. */
  public static List<String> faults(BigDecimal value) {
    List<String> faults = new ArrayList<>();
    if (value.signum() < 0 || value.compareTo(MAX) > 0) {
      faults.add("must be from 0 to 999,999,999.99");
    }
    // Stripped only where it has decimals: 100e2147483647 without its zeros is beyond BigDecimal.
    if (value.scale() > MAX_DECIMALS && value.stripTrailingZeros().scale() > MAX_DECIMALS) {
      faults.add("must have at most 2 decimals");
    }
    return faults;
  }

  /** Plain digits without trailing zeros: {@code 1.5}, {@code 100}, {@code 0}. */
  @Override
  public String toString() {
    return value.orElse(BigDecimal.ZERO).toPlainString();
  }
}

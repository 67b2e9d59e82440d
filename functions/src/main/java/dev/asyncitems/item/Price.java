package dev.asyncitems.item;

import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * A price, as an exact decimal without trailing zeros. Functions write only prices from 0 to
 * 999,999,999.99 with at most 2 decimals. A stored price may be any number.
 *
 * @param value empty if the row holds no number; such a price is shown as 0 and never written
 */
public record Price(Optional<BigDecimal> value) {
  public static final Price UNKNOWN = new Price(Optional.empty());

  private static final BigDecimal MAX = new BigDecimal("999999999.99");
  private static final int MAX_DECIMALS = 2;

  public Price {
    // This also turns -0 and 0.00 into 0.
    value = value.map(BigDecimal::stripTrailingZeros);
  }

  public Price(BigDecimal value) {
    this(Optional.of(value));
  }

  /** Returns the rules that the price breaks; empty if functions may write the price. */
  public List<String> faults() {
    return value.map(Price::faults).orElse(List.of("is required"));
  }

  /** Returns the rules that a number breaks as a price; empty if it is a valid price. */
  public static List<String> faults(BigDecimal value) {
    List<String> faults = new ArrayList<>();
    if (value.signum() < 0 || value.compareTo(MAX) > 0) {
      faults.add("must be from 0 to 999,999,999.99");
    }
    // Only numbers with decimals are stripped, since stripping 100e2147483647 would overflow the
    // scale.
    if (value.scale() > MAX_DECIMALS && value.stripTrailingZeros().scale() > MAX_DECIMALS) {
      faults.add("must have at most 2 decimals");
    }
    return faults;
  }

  /** Returns plain digits without trailing zeros: {@code 1.5}, {@code 100}, {@code 0}. */
  @Override
  public String toString() {
    return value.orElse(BigDecimal.ZERO).toPlainString();
  }
}

package dev.asyncitems.item;

import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;

/**
 * A price: an exact decimal from 0 to 999,999,999.99 with at most 2 decimals, where trailing zeros
 * don't count.
 */
public record Price(BigDecimal value) {
  private static final BigDecimal MAX = new BigDecimal("999999999.99");
  private static final int MAX_DECIMALS = 2;

  public Price {
    List<String> faults = faults(value);
    if (!faults.isEmpty()) {
      throw new IllegalArgumentException(String.join("; ", faults));
    }
    // Also makes -0 and 0.00 to 0, which stripTrailingZeros does for every zero.
    value = value.stripTrailingZeros();
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
    return value.toPlainString();
  }
}

package dev.asyncitems.rejection;

import java.util.List;

/** A value breaks rules, so that it must not be written. */
public final class InvalidContent extends RuntimeException {
  private final transient List<Fault> faults;

  /**
   * @param faults every rule that it breaks
   */
  public InvalidContent(List<Fault> faults) {
    super(faults.size() + " rules are broken", null, false, false);
    this.faults = List.copyOf(faults);
  }

  /** Every rule that the value breaks. */
  public List<Fault> faults() {
    return faults;
  }
}

package dev.asyncitems.rejection;

import java.util.List;

/** An exception for a value that must not be written, because it breaks rules. */
public final class InvalidContent extends RuntimeException {
  private final transient List<Fault> faults;

  public InvalidContent(List<Fault> faults) {
    super(faults.size() + " rules are broken", null, false, false);
    this.faults = List.copyOf(faults);
  }

  public List<Fault> faults() {
    return faults;
  }
}

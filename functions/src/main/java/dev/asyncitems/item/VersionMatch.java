package dev.asyncitems.item;

import java.util.Set;

/** Which versions of an item a write may replace ({@code If-Match}, RFC 9110, 13.1.1). */
public sealed interface VersionMatch {
  /** Whichever there is. */
  record Any() implements VersionMatch {}

  /** One of these; none of them when the set is empty. */
  record OneOf(Set<Long> versions) implements VersionMatch {
    public OneOf {
      versions = Set.copyOf(versions);
    }
  }

  /** Whether a version may be replaced. */
  default boolean allows(long version) {
    return switch (this) {
      case Any() -> true;
      case OneOf(Set<Long> versions) -> versions.contains(version);
    };
  }
}

package dev.asyncitems.item;

import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The versions of an item that a write may replace (RFC 9110, 13.1.1 and 13.1.2). */
public sealed interface VersionMatch {
  /** Any version. */
  record Any() implements VersionMatch {}

  /** Only these versions. */
  record OneOf(Set<Long> versions) implements VersionMatch {
    public OneOf {
      versions = Set.copyOf(versions);
    }
  }

  /** Any version except these. */
  record NoneOf(Set<Long> versions) implements VersionMatch {
    public NoneOf {
      versions = Set.copyOf(versions);
    }
  }

  /** Returns a match of no version, so that a write to an item that exists is rejected. */
  static VersionMatch none() {
    return new OneOf(Set.of());
  }

  /** Returns whether a write may replace the version. */
  default boolean allows(long version) {
    return switch (this) {
      case Any() -> true;
      case OneOf(Set<Long> versions) -> versions.contains(version);
      case NoneOf(Set<Long> versions) -> !versions.contains(version);
    };
  }

  /** Returns what this allows, except the given versions. */
  default VersionMatch except(Set<Long> refused) {
    return switch (this) {
      case Any() -> new NoneOf(refused);
      case OneOf(Set<Long> versions) ->
          new OneOf(
              versions.stream()
                  .filter(version -> !refused.contains(version))
                  .collect(Collectors.toSet()));
      case NoneOf(Set<Long> versions) ->
          new NoneOf(
              Stream.concat(versions.stream(), refused.stream()).collect(Collectors.toSet()));
    };
  }
}

package dev.asyncitems.item;

import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The versions of an item that a write may change (RFC 9110, 13.1.1 and 13.1.2). Immutable. */
public sealed interface VersionMatch {
  /** A match with every version. */
  record Any() implements VersionMatch {}

  /** A match with the listed versions. */
  record OneOf(Set<Long> versions) implements VersionMatch {
    public OneOf {
      versions = Set.copyOf(versions);
    }
  }

  /** A match with all versions except the listed ones. */
  record NoneOf(Set<Long> versions) implements VersionMatch {
    public NoneOf {
      versions = Set.copyOf(versions);
    }
  }

  /** Returns a match that allows no version. It rejects every write to an existing item. */
  static VersionMatch none() {
    return new OneOf(Set.of());
  }

  /** Returns whether the write may change an item of the given version. */
  default boolean allows(long version) {
    return switch (this) {
      case Any() -> true;
      case OneOf(Set<Long> versions) -> versions.contains(version);
      case NoneOf(Set<Long> versions) -> !versions.contains(version);
    };
  }

  /** Returns a match with the versions of this match except the given ones. */
  default VersionMatch except(Set<Long> excluded) {
    return switch (this) {
      case Any() -> new NoneOf(excluded);
      case OneOf(Set<Long> versions) ->
          new OneOf(
              versions.stream()
                  .filter(version -> !excluded.contains(version))
                  .collect(Collectors.toSet()));
      case NoneOf(Set<Long> versions) ->
          new NoneOf(
              Stream.concat(versions.stream(), excluded.stream()).collect(Collectors.toSet()));
    };
  }
}

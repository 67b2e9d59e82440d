package dev.asyncitems.edge;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * The value of {@code If-Match} or {@code If-None-Match} (RFC 9110, 8.8.3, 13.1.1, 13.1.2): any
 * entity tag, or a list of them.
 *
 * <p>The ETag of a version is its number in quotes.
 */
public record EntityTags(boolean any, List<Tag> tags) {
  /** An entity tag. */
  record Tag(boolean weak, String opaque) {}

  private static final Pattern TAG = Pattern.compile("(W/)?\"([\\x21\\x23-\\x7E\\x80-\\xFF]*)\"");
  // A list may hold empty elements (RFC 9110, 5.6.1.2).
  private static final Pattern SEPARATOR = Pattern.compile("[ \\t]*,[ \\t,]*|[ \\t]*$");
  private static final Pattern VERSION = Pattern.compile("[1-9][0-9]{0,17}");

  public EntityTags {
    tags = List.copyOf(tags);
  }

  /** Reads a header's value; empty when it is malformed. */
  public static Optional<EntityTags> parse(String value) {
    String trimmed = value.strip();
    if (trimmed.equals("*")) {
      return Optional.of(new EntityTags(true, List.of()));
    }
    List<Tag> tags = new ArrayList<>();
    Matcher tag = TAG.matcher(trimmed);
    Matcher separator = SEPARATOR.matcher(trimmed);
    int at = separator.lookingAt() ? separator.end() : 0;
    while (at < trimmed.length()) {
      if (!tag.region(at, trimmed.length()).lookingAt()) {
        return Optional.empty();
      }
      tags.add(new Tag(tag.group(1) != null, tag.group(2)));
      if (!separator.region(tag.end(), trimmed.length()).lookingAt()) {
        return Optional.empty();
      }
      at = separator.end();
    }
    return tags.isEmpty() ? Optional.empty() : Optional.of(new EntityTags(false, tags));
  }

  /** The ETag of a version. */
  public static String of(long version) {
    return "\"" + version + "\"";
  }

  /** The versions whose ETags are listed, by strong comparison: weak ones are none of ours. */
  public Set<Long> strongVersions() {
    return tags.stream()
        .filter(tag -> !tag.weak())
        .map(EntityTags::version)
        .flatMapToLong(OptionalLong::stream)
        .boxed()
        .collect(Collectors.toSet());
  }

  /** Whether a version's ETag is among these, by weak comparison. */
  public boolean weaklyMatches(long version) {
    return weaklyMatches(String.valueOf(version));
  }

  /** Whether the ETag with that between its quotes is among these, by weak comparison. */
  public boolean weaklyMatches(String opaque) {
    return any || tags.stream().anyMatch(tag -> tag.opaque().equals(opaque));
  }

  private static OptionalLong version(Tag tag) {
    return VERSION.matcher(tag.opaque()).matches()
        ? OptionalLong.of(Long.parseLong(tag.opaque()))
        : OptionalLong.empty();
  }
}

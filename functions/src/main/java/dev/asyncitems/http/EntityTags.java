package dev.asyncitems.http;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The value of {@code If-Match} or {@code If-None-Match} (RFC 9110, 8.8.3, 13.1.1, 13.1.2). The
 * ETag of an item is its version number in quotes.
 *
 * @param any whether the value is {@code *}
 * @param tags the listed tags; empty for {@code *}
 */
public record EntityTags(boolean any, List<Tag> tags) {
  record Tag(boolean weak, String opaque) {}

  private static final Pattern ANY = Pattern.compile("[ \\t]*\\*[ \\t]*");
  private static final Pattern TAG = Pattern.compile("(W/)?\"([\\x21\\x23-\\x7E\\x80-\\xFF]*)\"");
  // A list may hold empty elements (RFC 9110, 5.6.1.2).
  private static final Pattern START = Pattern.compile("[ \\t,]*");
  private static final Pattern SEPARATOR = Pattern.compile("[ \\t]*,[ \\t,]*|[ \\t]*\\z");
  private static final Pattern VERSION = Pattern.compile("[1-9][0-9]{0,18}");
  private static final String LAST_VERSION = String.valueOf(Long.MAX_VALUE);

  public EntityTags {
    tags = List.copyOf(tags);
  }

  /** Reads a header's value. Returns empty if it is malformed. */
  public static Optional<EntityTags> parse(String value) {
    if (ANY.matcher(value).matches()) {
      return Optional.of(new EntityTags(true, List.of()));
    }
    List<Tag> tags = new ArrayList<>();
    Matcher start = START.matcher(value);
    Matcher tag = TAG.matcher(value);
    Matcher separator = SEPARATOR.matcher(value);
    int at = start.lookingAt() ? start.end() : 0;
    while (at < value.length()) {
      if (!tag.region(at, value.length()).lookingAt()) {
        return Optional.empty();
      }
      tags.add(new Tag(tag.group(1) != null, tag.group(2)));
      if (!separator.region(tag.end(), value.length()).lookingAt()) {
        return Optional.empty();
      }
      at = separator.end();
    }
    return tags.isEmpty() ? Optional.empty() : Optional.of(new EntityTags(false, tags));
  }

  /** Returns the ETag of an item's version. */
  public static String of(long version) {
    return "\"" + version + "\"";
  }

  /** Returns the versions that match by strong comparison. Weak tags never match. */
  public Set<Long> strongVersions() {
    return versions(tags.stream().filter(tag -> !tag.weak()));
  }

  /** Returns the versions that match by weak comparison. */
  public Set<Long> weakVersions() {
    return versions(tags.stream());
  }

  /** Returns whether an ETag with this text between its quotes matches by strong comparison. */
  boolean stronglyMatches(String opaque) {
    return any || tags.contains(new Tag(false, opaque));
  }

  /** Returns whether an ETag with this text between its quotes matches by weak comparison. */
  boolean weaklyMatches(String opaque) {
    return any || tags.stream().anyMatch(tag -> tag.opaque().equals(opaque));
  }

  private static Set<Long> versions(Stream<Tag> tags) {
    return tags.map(Tag::opaque)
        .filter(opaque -> VERSION.matcher(opaque).matches())
        .filter(version ->
            version.length() < LAST_VERSION.length() || version.compareTo(LAST_VERSION) <= 0)
        .map(Long::valueOf)
        .collect(Collectors.toSet());
  }
}

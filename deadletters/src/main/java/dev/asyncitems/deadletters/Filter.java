package dev.asyncitems.deadletters;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Which jobs are meant; all of them if nothing is said. Conditions add up. */
final class Filter {
  @Option(
      names = "--id",
      paramLabel = "ID",
      description = "Only the job of this notification; may be repeated.")
  private List<String> ids = List.of();

  @Option(
      names = "--reason",
      paramLabel = "TEXT",
      description = "Only jobs whose reason contains this, in any case.")
  private @Nullable String reason;

  @Option(
      names = "--older-than",
      paramLabel = "AGE",
      description = "Only jobs older than this, such as 90s, 15m, 2h, 3d.")
  private @Nullable Duration olderThan;

  @Option(
      names = "--younger-than",
      paramLabel = "AGE",
      description = "Only jobs younger than this.")
  private @Nullable Duration youngerThan;

  @Option(names = "--limit", paramLabel = "N", description = "At most this many jobs.")
  private int limit = Integer.MAX_VALUE;

  /**
   * What is wrong with it.
   *
   * @return a sentence; empty if nothing is
   */
  Optional<String> fault() {
    if (limit < 1) {
      return Optional.of("--limit must be 1 or more.");
    }
    return ids.stream()
        .filter(id -> !Job.isUuid(id.toLowerCase(Locale.ROOT)))
        .findFirst()
        .map(id -> "--id must be the id of a notification, a UUID; it is '" + id + "'.");
  }

  int limit() {
    return limit;
  }

  boolean matches(DeadLetter letter, Instant now) {
    Duration age = Duration.between(letter.job().sentAt(), now);
    return (ids.isEmpty()
            || letter
                .job()
                .id()
                .filter(id -> ids.stream().anyMatch(id::equalsIgnoreCase))
                .isPresent())
        && (reason == null || lower(letter.reason()).contains(lower(reason)))
        && (olderThan == null || age.compareTo(olderThan) > 0)
        && (youngerThan == null || age.compareTo(youngerThan) < 0);
  }

  private static String lower(String text) {
    return text.toLowerCase(Locale.ROOT);
  }
}

package dev.asyncitems.deadletters;

import dev.asyncitems.value.UuidV7;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The options that select dead letters. A dead letter must match all given options. */
final class Filter {
  @Option(
      names = "--id",
      paramLabel = "ID",
      description = "Only the task of the row with this id. Can be repeated.")
  private List<String> ids = List.of();

  @Option(
      names = "--reason",
      paramLabel = "TEXT",
      description = "Only tasks whose reason contains this text. Ignores case.")
  private @Nullable String reason;

  @Option(
      names = "--older-than",
      paramLabel = "AGE",
      description = "Only tasks older than this age, such as 90s, 15m, 2h or 3d.")
  private @Nullable Duration olderThan;

  @Option(
      names = "--younger-than",
      paramLabel = "AGE",
      description = "Only tasks younger than this age.")
  private @Nullable Duration youngerThan;

  @Option(names = "--limit", paramLabel = "N", description = "At most this many tasks.")
  private int limit = Integer.MAX_VALUE;

  /** Returns a sentence for the user about the first invalid option, if any. */
  Optional<String> fault() {
    if (limit < 1) {
      return Optional.of("--limit must be 1 or more.");
    }
    return ids.stream()
        .filter(id -> UuidV7.parse(id).isEmpty())
        .findFirst()
        .map(id -> "--id must be the id of a row, a UUID; it is '" + id + "'.");
  }

  int limit() {
    return limit;
  }

  boolean matches(DeadLetter letter, Instant now) {
    Duration age = Duration.between(letter.message().sentAt(), now);
    return (ids.isEmpty()
            || letter
                .message()
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

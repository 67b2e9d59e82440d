package dev.asyncitems.value;

import java.security.SecureRandom;
import java.time.Instant;
import java.util.Optional;
import java.util.UUID;
import java.util.random.RandomGenerator;
import java.util.regex.Pattern;

/** UUIDs that sort by the millisecond in which they were made (RFC 9562, 5.7). */
public final class UuidV7 {
  private static final RandomGenerator RANDOM = new SecureRandom();
  private static final Pattern FORM =
      Pattern.compile("[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}");

  private UuidV7() {}

  /** A new one of the given time; 74 of its bits are random. */
  public static UUID at(Instant time) {
    long most = (time.toEpochMilli() << 16) | 0x7000 | (RANDOM.nextLong() & 0x0FFF);
    long least = (RANDOM.nextLong() & 0x3FFF_FFFF_FFFF_FFFFL) | 0x8000_0000_0000_0000L;
    return new UUID(most, least);
  }

  /** The time of one, to the millisecond. */
  public static Instant time(UUID id) {
    return Instant.ofEpochMilli(id.getMostSignificantBits() >>> 16);
  }

  /**
   * Reads a UUID of any version and case in its only text form (RFC 9562, 4), which {@link
   * UUID#fromString} does not insist on.
   */
  public static Optional<UUID> parse(String text) {
    return FORM.matcher(text).matches() ? Optional.of(UUID.fromString(text)) : Optional.empty();
  }
}

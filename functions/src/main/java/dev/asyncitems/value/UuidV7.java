package dev.asyncitems.value;

import java.security.SecureRandom;
import java.time.Instant;
import java.util.Optional;
import java.util.UUID;
import java.util.random.RandomGenerator;
import java.util.regex.Pattern;

/** UUIDs of version 7, which sort by creation time, to the millisecond (RFC 9562, 5.7). */
public final class UuidV7 {
  private static final int MAX_COUNTER = 0x0FFF;
  private static final RandomGenerator RANDOM = new SecureRandom();
  private static final Pattern FORM =
      Pattern.compile("[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}");

  private UuidV7() {}

  /** Returns a new UUID for a time. 74 of its bits are random. */
  public static UUID at(Instant time) {
    return at(time, (int) RANDOM.nextLong() & MAX_COUNTER);
  }

  /**
   * Returns a new UUID for a time. UUIDs of one time sort by their counters (RFC 9562, 6.2). 62 of
   * its bits are random.
   *
   * @param counter from 0 to {@value #MAX_COUNTER}; its hexadecimal digits follow the version's
   */
  public static UUID at(Instant time, int counter) {
    long least = (RANDOM.nextLong() & 0x3FFF_FFFF_FFFF_FFFFL) | 0x8000_0000_0000_0000L;
    return withCounter(new UUID(time.toEpochMilli() << 16, least), counter);
  }

  /** Returns a UUID with another counter, from 0 to {@value #MAX_COUNTER}. */
  public static UUID withCounter(UUID id, int counter) {
    if (counter < 0 || counter > MAX_COUNTER) {
      throw new IllegalArgumentException("the counter " + counter + " does not have 12 bits");
    }
    long most = (id.getMostSignificantBits() & ~0xFFFFL) | 0x7000 | counter;
    return new UUID(most, id.getLeastSignificantBits());
  }

  /** Returns the time in a UUID, to the millisecond. */
  public static Instant time(UUID id) {
    return Instant.ofEpochMilli(id.getMostSignificantBits() >>> 16);
  }

  /**
   * Reads a UUID of any version and case. Returns empty unless the text has the form of RFC 9562,
   * 4, which {@link UUID#fromString} does not enforce.
   */
  public static Optional<UUID> parse(String text) {
    return FORM.matcher(text).matches() ? Optional.of(UUID.fromString(text)) : Optional.empty();
  }
}

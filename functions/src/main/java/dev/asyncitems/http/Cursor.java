package dev.asyncitems.http;

import dev.asyncitems.paging.Position;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Arrays;
import java.util.Base64;
import java.util.Optional;
import java.util.UUID;
import java.util.zip.CRC32;

/**
 * The text of a position in one list. It is unpadded base64url of a version, the list with its
 * filter, the last row's key and a checksum. The checksum detects damage, but not forgery.
 */
final class Cursor {
  private static final byte VERSION = 1;
  private static final Base64.Encoder ENCODER = Base64.getUrlEncoder().withoutPadding();
  private static final Base64.Decoder DECODER = Base64.getUrlDecoder();
  private static final int KEY_BYTES = Long.BYTES * 3 + 1;
  private static final int CHECKSUM_BYTES = Integer.BYTES;

  private Cursor() {}

  static String write(String list, Position position) {
    byte[] name = list.getBytes(StandardCharsets.US_ASCII);
    ByteBuffer bytes = ByteBuffer.allocate(2 + name.length + KEY_BYTES + CHECKSUM_BYTES);
    bytes.put(VERSION).put((byte) name.length).put(name);
    bytes.put((byte) (position.time().isPresent() ? 1 : 0));
    position.time().ifPresent(time -> bytes.putLong(time.toEpochMilli()));
    bytes.putLong(position.id().getMostSignificantBits());
    bytes.putLong(position.id().getLeastSignificantBits());
    bytes.putInt(checksum(bytes.array(), bytes.position()));
    return ENCODER.encodeToString(Arrays.copyOf(bytes.array(), bytes.position()));
  }

  /** Reads a cursor. Returns empty if it is damaged, or belongs to another list or filter. */
  static Optional<Position> read(String list, String cursor) {
    try {
      ByteBuffer bytes = ByteBuffer.wrap(DECODER.decode(cursor));
      if (bytes.get() != VERSION) {
        return Optional.empty();
      }
      byte[] name = new byte[Byte.toUnsignedInt(bytes.get())];
      bytes.get(name);
      boolean timed = bytes.get() == 1;
      Optional<Instant> time =
          timed ? Optional.of(Instant.ofEpochMilli(bytes.getLong())) : Optional.empty();
      Position position = new Position(time, new UUID(bytes.getLong(), bytes.getLong()));
      // Writing the position again gives another text if the cursor is damaged, belongs to another
      // list, or spells the same bytes differently.
      return write(list, position).equals(cursor) ? Optional.of(position) : Optional.empty();
    } catch (IllegalArgumentException | BufferUnderflowException e) {
      return Optional.empty();
    }
  }

  private static int checksum(byte[] bytes, int length) {
    CRC32 crc = new CRC32();
    crc.update(bytes, 0, length);
    return (int) crc.getValue();
  }
}

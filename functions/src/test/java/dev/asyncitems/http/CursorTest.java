package dev.asyncitems.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.asyncitems.paging.Position;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Arrays;
import java.util.Base64;
import java.util.Optional;
import java.util.UUID;
import java.util.zip.CRC32;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class CursorTest {
  private static final String ITEMS = "items?";
  private static final String QUEUED = "notifications?status=queued";
  private static final UUID ID = UUID.fromString("019bc0fd-8a3b-73a5-9c4e-8b2d6f90a173");
  private static final Position BY_ID = Position.of(ID);
  private static final Position BY_TIME =
      Position.of(Instant.parse("2026-01-15T09:32:00.123Z"), ID);
  private static final String ALPHABET =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

  @Test
  void isReadAsItWasWritten() {
    assertThat(Cursor.read(ITEMS, Cursor.write(ITEMS, BY_ID))).contains(BY_ID);
    assertThat(Cursor.read(QUEUED, Cursor.write(QUEUED, BY_TIME))).contains(BY_TIME);
    Position early = Position.of(Instant.EPOCH.minusMillis(1), new UUID(-1, -1));
    assertThat(Cursor.read(QUEUED, Cursor.write(QUEUED, early))).contains(early);
  }

  @Test
  void isUnpaddedBase64url() {
    assertThat(Cursor.write(ITEMS, BY_ID)).matches("[A-Za-z0-9_-]+");
    assertThat(Cursor.write(QUEUED, BY_TIME)).matches("[A-Za-z0-9_-]+");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        ITEMS,
        "notifications?",
        "notifications?status=failed",
        "notifications?status=logged"
      })
  void isNoneOfAnotherListOrFilter(String other) {
    assertThat(Cursor.read(other, Cursor.write(QUEUED, BY_TIME))).isEmpty();
    assertThat(Cursor.read(QUEUED, Cursor.write(other, BY_TIME))).isEmpty();
  }

  @Test
  void cutAnywhereItIsRejected() {
    for (String cursor : new String[] {Cursor.write(ITEMS, BY_ID), Cursor.write(QUEUED, BY_TIME)}) {
      for (int length = 0; length < cursor.length(); length++) {
        assertThat(Cursor.read(ITEMS, cursor.substring(0, length))).isEmpty();
        assertThat(Cursor.read(QUEUED, cursor.substring(0, length))).isEmpty();
      }
      assertThat(Cursor.read(ITEMS, cursor.substring(1))).isEmpty();
    }
  }

  @Test
  void withAnyOneCharacterChangedItIsRejected() {
    String cursor = Cursor.write(ITEMS, BY_ID);
    String characters = ALPHABET + "=+/ %.\u00e9\u0000";
    for (int at = 0; at < cursor.length(); at++) {
      for (int i = 0; i < characters.length(); i++) {
        char c = characters.charAt(i);
        if (c != cursor.charAt(at)) {
          String damaged = cursor.substring(0, at) + c + cursor.substring(at + 1);
          assertThat(Cursor.read(ITEMS, damaged)).as(damaged).isEmpty();
        }
      }
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"=", "==", "A", "AA", "AAAA", " ", "\n"})
  void withAnythingBehindItIsRejected(String more) {
    assertThat(Cursor.read(ITEMS, Cursor.write(ITEMS, BY_ID) + more)).isEmpty();
    assertThat(Cursor.read(QUEUED, Cursor.write(QUEUED, BY_TIME) + more)).isEmpty();
  }

  @Test
  void aLastCharacterWhoseUnusedBitsAreSetIsNotCanonical() {
    // With these lengths, two or four bits of the last base64 character are unused.
    for (String list : new String[] {"a?", "ab?", "abc?"}) {
      String cursor = Cursor.write(list, BY_ID);
      byte[] bytes = Base64.getUrlDecoder().decode(cursor);
      char last = cursor.charAt(cursor.length() - 1);
      for (int i = 0; i < ALPHABET.length(); i++) {
        char c = ALPHABET.charAt(i);
        String other = cursor.substring(0, cursor.length() - 1) + c;
        boolean sameBytes = Arrays.equals(Base64.getUrlDecoder().decode(other), bytes);
        assertThat(Cursor.read(list, other).isPresent()).isEqualTo(c == last);
        assertThat(sameBytes || c != last).isTrue();
      }
    }
  }

  @Test
  void theStandardAlphabetIsRejected() {
    Position position = Position.of(new UUID(-1, -1));
    String cursor = Cursor.write(ITEMS, position);
    assertThat(cursor).contains("_");
    assertThat(Cursor.read(ITEMS, cursor)).contains(position);
    assertThat(Cursor.read(ITEMS, cursor.replace('_', '/'))).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"x", "!", "....", "AQ", "{}", "null", "\u0669", "%41", "AAAAAAAAAAAAAAAA"})
  void whatNeverWasACursorIsRejected(String text) {
    assertThat(Cursor.read(ITEMS, text)).isEmpty();
  }

  @Test
  void forgedWithTheRightChecksumItNamesAPlaceOrIsRejectedAndNeverFails() {
    byte[] name = ITEMS.getBytes(StandardCharsets.US_ASCII);
    assertThat(Cursor.read(ITEMS, forge(1, name.length, name, 0, 16)))
        .as("forged cursor has the real format")
        .contains(Position.of(new UUID(0, 0)));
    assertThat(Cursor.read(ITEMS, forge(2, name.length, name, 0, 16))).isEmpty();
    assertThat(Cursor.read(ITEMS, forge(1, name.length, name, 2, 16))).isEmpty();
    assertThat(Cursor.read(ITEMS, forge(1, name.length, name, 0, 17))).isEmpty();
    assertThat(Cursor.read(ITEMS, forge(1, name.length, name, 0, 8))).isEmpty();
    assertThat(Cursor.read(ITEMS, forge(1, 255, name, 0, 16))).isEmpty();
    assertThat(Cursor.read(ITEMS, forge(1, 0, new byte[0], 0, 16))).isEmpty();
    assertThat(Cursor.read(ITEMS, forge(1, name.length, name, 1, 24)))
        .contains(Position.of(Instant.EPOCH, new UUID(0, 0)));
  }

  @Test
  void forgedWithATimeAtTheEndsOfTimeItIsAPlace() {
    for (long millis : new long[] {Long.MIN_VALUE, Long.MAX_VALUE}) {
      Position position = Position.of(Instant.ofEpochMilli(millis), ID);
      assertThat(Cursor.read(QUEUED, Cursor.write(QUEUED, position)))
          .isEqualTo(Optional.of(position));
    }
  }

  private static String forge(int version, int length, byte[] name, int timed, int zeros) {
    ByteBuffer bytes = ByteBuffer.allocate(3 + name.length + zeros);
    bytes.put((byte) version).put((byte) length).put(name).put((byte) timed);
    CRC32 crc = new CRC32();
    crc.update(bytes.array());
    ByteBuffer all = ByteBuffer.allocate(bytes.capacity() + Integer.BYTES);
    all.put(bytes.array()).putInt((int) crc.getValue());
    return Base64.getUrlEncoder().withoutPadding().encodeToString(all.array());
  }
}

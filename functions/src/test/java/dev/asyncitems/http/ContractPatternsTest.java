package dev.asyncitems.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.asyncitems.lambda.TestEvent;
import dev.asyncitems.paging.Position;
import dev.asyncitems.system.Contract;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.UUID;
import java.util.function.Predicate;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.node.JsonNodeFactory;

/**
 * Compares the contract's patterns for headers and cursors with the code that reads them, on
 * generated values.
 */
final class ContractPatternsTest {
  private static final int VALUES = 50_000;
  private static final List<String> TAG_PARTS =
      List.of(
          "\"1\"", "\"a,b\"", "\"\"", "W/", "w/", "*", "1", "0", "\"", ",", " ", "\t", "é", "W");
  private static final List<String> KEY_PARTS =
      List.of("k", "~", "!", " ", "\t", "é", "€", "\u007f", "k".repeat(64), "a b");
  private static final List<Listing> LISTS =
      List.of(
          new Listing("/items", "items", ""),
          new Listing("/notifications", "notifications", ""),
          new Listing("/notifications", "notifications", "status=queued"));

  private final Random random = new Random(18);

  /** Returns a character that a header may contain: tab, space, visible ASCII, or non-ASCII. */
  private String character() {
    return Character.toString(
        switch (random.nextInt(8)) {
          case 0 -> '\t';
          case 1 -> 0x80 + random.nextInt(0x80);
          case 2 -> 0x100 + random.nextInt(0x3000);
          default -> 0x20 + random.nextInt(0x60);
        });
  }

  private String value(List<String> parts) {
    StringBuilder value = new StringBuilder();
    for (int length = random.nextInt(9); length > 0; length--) {
      value.append(random.nextInt(12) == 0 ? character() : parts.get(random.nextInt(parts.size())));
    }
    return value.toString();
  }

  @Test
  void thePatternOfEntityTagsMatchesWhatTheCodeReads() {
    agree("EntityTags", value -> EntityTags.parse(value).isPresent(), TAG_PARTS);
  }

  @Test
  void thePatternOfAnIdempotencyKeyMatchesWhatTheCodeReads() {
    agree("IdempotencyKey", ContractPatternsTest::isKey, KEY_PARTS);
  }

  private static boolean isKey(String value) {
    Input input = TestEvent.of("POST", "/items").header("idempotency-key", value).input();
    return input.idempotencyKey().isPresent();
  }

  private void agree(String schema, Predicate<String> code, List<String> parts) {
    int read = 0;
    for (int i = 0; i < VALUES; i++) {
      String value = value(parts);
      boolean reads = code.test(value);
      assertThat(matches(schema, value)).as("'%s'", value).isEqualTo(reads);
      read += reads ? 1 : 0;
    }
    // Both results must be frequent enough for a meaningful comparison.
    assertThat(read).isBetween(VALUES / 50, VALUES - VALUES / 50);
  }

  @Test
  void eachSingleCharacterOfAHeaderIsJudgedAlike() {
    IntStream.concat(IntStream.of('\t'), IntStream.range(0x20, 0x3100))
        .mapToObj(Character::toString)
        .forEach(one -> {
          for (String form : List.of("%s", "\"%s\"", "%s\"1\"", "\"1\"%s", "\"1\"%s\"2\"", "*%s")) {
            String value = form.formatted(one);
            assertThat(matches("EntityTags", value))
                .as("'%s'", value)
                .isEqualTo(EntityTags.parse(value).isPresent());
          }
          assertThat(matches("IdempotencyKey", one)).as("'%s'", one).isEqualTo(isKey(one));
        });
  }

  /** A pattern cannot check a cursor's checksum, so it only describes the characters. */
  @Test
  void thePatternOfACursorMatchesEveryCursorAndTheCodeReadsNothingElse() {
    int rejected = 0;
    for (int i = 0; i < VALUES; i++) {
      Listing list = LISTS.get(random.nextInt(LISTS.size()));
      UUID id = new UUID(random.nextLong(), random.nextLong());
      Position position =
          list.filter().isEmpty()
              ? Position.of(id)
              : new Position(
                  Optional.of(Instant.ofEpochMilli(random.nextLong(4_000_000_000_000L))), id);
      String cursor = Cursor.write(list.name(), position);
      assertThat(matches("Cursor", cursor)).as(cursor).isTrue();
      int at = random.nextInt(cursor.length());
      String damaged = cursor.substring(0, at) + character() + cursor.substring(at + 1);
      if (!matches("Cursor", damaged)) {
        assertThat(Cursor.read(list.name(), damaged)).as(damaged).isEmpty();
        rejected++;
      }
    }
    assertThat(rejected).isBetween(VALUES / 50, VALUES - VALUES / 50);
    assertThat(matches("Cursor", "")).isFalse();
  }

  private static boolean matches(String schema, String value) {
    Contract contract = Contract.served();
    return contract
        .faults(contract.component(schema), JsonNodeFactory.instance.stringNode(value))
        .isEmpty();
  }
}

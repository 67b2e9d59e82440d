package dev.asyncitems.item;

import static dev.asyncitems.item.TestItems.BROKEN;
import static dev.asyncitems.item.TestItems.DESK;
import static dev.asyncitems.item.TestItems.LAMP;
import static dev.asyncitems.item.TestItems.components;
import static dev.asyncitems.item.TestItems.named;
import static dev.asyncitems.item.TestItems.price;
import static dev.asyncitems.item.TestItems.with;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.asyncitems.rejection.Fault;
import dev.asyncitems.rejection.InvalidContent;
import dev.asyncitems.value.UuidV7;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.IntStream;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class ItemTest {
  private static final Instant NOW = Instant.parse("2026-01-15T09:32:00.123Z");

  @Test
  void isCreatedAtVersion1AndAtTheTimeOfItsId() {
    Item item = Item.create(LAMP, NOW.plusNanos(1));
    assertThat(item.version()).isEqualTo(1);
    assertThat(item.createdAt()).isEqualTo(NOW).isEqualTo(UuidV7.time(item.id()));
    assertThat(item.updatedAt()).isEqualTo(NOW);
    assertThat(item.content()).isEqualTo(LAMP);
  }

  @Test
  void itsNextVersionKeepsTheIdAndTheTimeOfCreation() {
    Item item = Item.create(LAMP, NOW);
    Item next = item.next(DESK, NOW.plusSeconds(1));
    assertThat(next.id()).isEqualTo(item.id());
    assertThat(next.content()).isEqualTo(DESK);
    assertThat(next.createdAt()).isEqualTo(NOW);
    assertThat(next.updatedAt()).isEqualTo(NOW.plusSeconds(1));
    assertThat(next.version()).isEqualTo(2);
  }

  @Test
  void versionsBeginAgainAfterTheLast() {
    Item last = with(Item.create(LAMP, NOW), "version", Long.MAX_VALUE);
    assertThat(last.next(LAMP, NOW).version()).isEqualTo(1);
  }

  @Test
  void aClockThatGoesBackDoesNotTakeUpdatedAtBack() {
    Item second = Item.create(LAMP, NOW).next(LAMP, NOW.plusSeconds(5));
    Item third = second.next(LAMP, NOW.minusSeconds(60));
    assertThat(third.updatedAt()).isEqualTo(second.updatedAt());
    assertThat(third.version()).isEqualTo(3);
  }

  @Test
  void whatSomethingElseWroteIsAnItemAllTheSameAndItsNextVersionIsInOrder() {
    Item odd = with(Item.create(LAMP, NOW), "updatedAt", NOW.minusSeconds(60));
    Item next = odd.next(LAMP, NOW.plusSeconds(1));
    assertThat(next.version()).isEqualTo(2);
    assertThat(next.updatedAt()).isEqualTo(NOW.plusSeconds(1));
  }

  @Test
  void contentAtItsBoundsIsTaken() {
    assertIsTaken("name", "😀".repeat(200));
    assertIsTaken("name", "n");
    assertIsTaken("description", Optional.of("line\n".repeat(400)));
    assertIsTaken("description", Optional.of(""));
    assertIsTaken("tags", IntStream.range(0, 20).mapToObj(i -> "t".repeat(48) + (10 + i)).toList());
    assertThat(named("least").require()).isEqualTo(named("least"));
  }

  private static void assertIsTaken(String member, Object value) {
    ItemContent content = with(LAMP, member, value);
    assertThat(content.require()).as(member).isSameAs(content);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", " ", "\u3000", "a\nb", "a\u0000", "\uD800"})
  void aNameThatIsNoneIsRejected(String name) {
    assertThat(members(named(name))).contains("name");
  }

  @Test
  void contentBeyondItsBoundsIsReadAndNotWritten() {
    assertThat(members(named("n".repeat(201)))).containsExactly("name");
    assertThat(members(with(LAMP, "description", Optional.of("d".repeat(2_001)))))
        .containsExactly("description");
    assertThat(members(with(LAMP, "description", Optional.of("\u0000"))))
        .containsExactly("description");
    assertThat(members(with(LAMP, "price", Price.UNKNOWN))).containsExactly("price");
  }

  @Test
  void everyRuleThatContentBreaksIsNamedWithItsMember() {
    ItemContent two = with(named(" "), "description", Optional.of("\u0000"));
    ItemContent three = with(two, "price", price("-1.005"));
    ItemContent odd = with(three, "tags", List.of("a", "t".repeat(51), "a"));
    assertThatExceptionOfType(InvalidContent.class)
        .isThrownBy(odd::require)
        .extracting(InvalidContent::faults)
        .asInstanceOf(InstanceOfAssertFactories.list(Fault.class))
        .containsExactly(
            new Fault("/name", "must not be blank"),
            new Fault(
                "/description",
                "must not contain control characters except tab, newline and carriage return"),
            new Fault("/price", "must be from 0 to 999,999,999.99"),
            new Fault("/price", "must have at most 2 decimals"),
            new Fault("/tags/1", "must be 1 to 50 characters long, but is 51"),
            new Fault("/tags/2", "must not repeat an earlier element"));
  }

  @Test
  void everyMemberHasARuleThatKeepsItFromBeingWritten() {
    assertThat(members(BROKEN))
        .extracting(member -> member.replaceFirst("/.*", ""))
        .containsExactlyInAnyOrderElementsOf(components(ItemContent.class));
  }

  @Test
  void tagsThatAreTooLongBlankTwiceOrTooManyAreReadAndNotWritten() {
    for (List<String> tags :
        List.of(
            List.of("t".repeat(51)),
            List.of("\t"),
            List.of("a", "b", "a"),
            Collections.nCopies(21, "t"),
            IntStream.range(0, 21).mapToObj(String::valueOf).toList())) {
      assertThat(members(with(LAMP, "tags", tags)))
          .isNotEmpty()
          .allMatch(it -> it.startsWith("tags"));
    }
  }

  @Test
  void tagsThatDifferInCaseOnlyAreDistinct() {
    assertThat(with(LAMP, "tags", List.of("a", "A")).require().tags()).containsExactly("a", "A");
  }

  @Test
  void tagsAreCopied() {
    List<String> tags = new ArrayList<>(List.of("a"));
    ItemContent content = with(LAMP, "tags", tags);
    tags.add("b");
    assertThat(content.tags()).containsExactly("a");
  }

  @Test
  void aVersionMatchAllowsAnyOrThoseThatItNames() {
    assertThat(new VersionMatch.Any().allows(7)).isTrue();
    assertThat(new VersionMatch.OneOf(Set.of(1L, 7L)).allows(7)).isTrue();
    assertThat(new VersionMatch.OneOf(Set.of(1L, 8L)).allows(7)).isFalse();
    assertThat(new VersionMatch.OneOf(Set.of()).allows(7)).isFalse();
    assertThat(VersionMatch.none().allows(7)).isFalse();
    assertThat(new VersionMatch.NoneOf(Set.of(1L, 7L)).allows(7)).isFalse();
    assertThat(new VersionMatch.NoneOf(Set.of(1L)).allows(7)).isTrue();
  }

  @Test
  void aVersionMatchCanLeaveOutVersions() {
    Set<Long> out = Set.of(7L);
    assertThat(new VersionMatch.Any().except(out)).isEqualTo(new VersionMatch.NoneOf(out));
    assertThat(new VersionMatch.OneOf(Set.of(1L, 7L)).except(out))
        .isEqualTo(new VersionMatch.OneOf(Set.of(1L)));
    assertThat(new VersionMatch.NoneOf(Set.of(1L)).except(out))
        .isEqualTo(new VersionMatch.NoneOf(Set.of(1L, 7L)));
  }

  /** Returns the members of content that violate a rule. */
  private static List<String> members(ItemContent content) {
    try {
      content.require();
      return List.of();
    } catch (InvalidContent e) {
      return e.faults().stream().map(fault -> fault.pointer().substring(1)).toList();
    }
  }
}

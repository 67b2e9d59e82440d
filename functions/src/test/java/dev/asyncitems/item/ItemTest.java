package dev.asyncitems.item;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.asyncitems.rejection.Fault;
import dev.asyncitems.rejection.InvalidContent;
import dev.asyncitems.value.UuidV7;
import java.math.BigDecimal;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.stream.IntStream;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class ItemTest {
  private static final Instant NOW = Instant.parse("2026-01-15T09:32:00.123Z");
  private static final Price PRICE = new Price(new BigDecimal("1.5"));
  private static final ItemContent LAMP =
      new ItemContent("lamp", Optional.of("bright"), PRICE, List.of("home", "light"));
  private static final ItemPatch NOTHING =
      new ItemPatch(Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty());

  @Test
  void isCreatedAtVersion1AndAtTheTimeOfItsId() {
    Item item = Item.create(LAMP, NOW.plusNanos(1));
    assertThat(item.version()).isEqualTo(1);
    assertThat(item.createdAt()).isEqualTo(NOW).isEqualTo(UuidV7.time(item.id().value()));
    assertThat(item.updatedAt()).isEqualTo(NOW);
    assertThat(item.content()).isEqualTo(LAMP);
  }

  @Test
  void itsNextVersionKeepsTheIdAndTheTimeOfCreation() {
    Item item = Item.create(LAMP, NOW);
    ItemContent content = content("desk", List.of());
    Item next = item.next(content, NOW.plusSeconds(1));
    assertThat(next).isEqualTo(new Item(item.id(), content, NOW, NOW.plusSeconds(1), 2));
  }

  @Test
  void versionsBeginAgainAfterTheLast() {
    Item last = new Item(ItemId.at(NOW), LAMP, NOW, NOW, Long.MAX_VALUE);
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
    Item odd = new Item(ItemId.at(NOW), LAMP, NOW, NOW.minusSeconds(60), 1);
    Item next = odd.next(LAMP, NOW.plusSeconds(1));
    assertThat(next.version()).isEqualTo(2);
    assertThat(next.updatedAt()).isEqualTo(NOW.plusSeconds(1));
  }

  @Test
  void anIdIsReadInAnyCaseAndGivenInLowerCase() {
    String text = "019bc0fd-8a3b-73a5-9c4e-8b2d6f90a173";
    assertThat(ItemId.parse(text.toUpperCase(Locale.ROOT)).map(ItemId::toString)).contains(text);
    assertThat(ItemId.parse("1-1-1-1-1")).isEmpty();
  }

  @Test
  void contentAtItsBoundsIsTaken() {
    ItemContent most =
        new ItemContent(
            "😀".repeat(200),
            Optional.of("line\n".repeat(400)),
            PRICE,
            IntStream.range(0, 20).mapToObj(i -> "t".repeat(48) + (10 + i)).toList());
    assertThat(most.require()).isSameAs(most);
    ItemContent least = new ItemContent("n", Optional.of(""), PRICE, List.of());
    assertThat(least.require()).isSameAs(least);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", " ", "\u3000", "a\nb", "a\u0000", "\uD800"})
  void aNameThatIsNoneIsRefused(String name) {
    assertThat(members(content(name, List.of()))).contains("name");
  }

  @Test
  void contentBeyondItsBoundsIsReadAndNotWritten() {
    assertThat(members(content("n".repeat(201), List.of()))).containsExactly("name");
    assertThat(members(new ItemContent("lamp", Optional.of("d".repeat(2_001)), PRICE, List.of())))
        .containsExactly("description");
    assertThat(members(new ItemContent("lamp", Optional.of("\u0000"), PRICE, List.of())))
        .containsExactly("description");
    assertThat(members(new ItemContent("lamp", Optional.empty(), Price.UNKNOWN, List.of())))
        .containsExactly("price");
  }

  @Test
  void everyRuleThatContentBreaksIsNamedWithItsMember() {
    ItemContent content =
        new ItemContent(
            " ",
            Optional.of("\u0000"),
            new Price(new BigDecimal("-1.005")),
            List.of("a", "t".repeat(51), "a"));
    assertThatExceptionOfType(InvalidContent.class)
        .isThrownBy(content::require)
        .extracting(InvalidContent::faults)
        .asInstanceOf(InstanceOfAssertFactories.list(Fault.class))
        .containsExactly(
            new Fault("name", "must not be blank"),
            new Fault(
                "description",
                "must not contain control characters except tab, newline and carriage return"),
            new Fault("price", "must be from 0 to 999,999,999.99"),
            new Fault("price", "must have at most 2 decimals"),
            new Fault("tags/1", "must be 1 to 50 characters long, but is 51"),
            new Fault("tags/2", "must not repeat an earlier element"));
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
      assertThat(members(content("lamp", tags))).isNotEmpty().allMatch(it -> it.startsWith("tags"));
    }
  }

  @Test
  void tagsThatDifferInCaseOnlyAreDistinct() {
    assertThat(content("lamp", List.of("a", "A")).tags()).containsExactly("a", "A");
  }

  @Test
  void tagsAreCopied() {
    List<String> tags = new ArrayList<>(List.of("a"));
    ItemContent content = content("lamp", tags);
    tags.add("b");
    assertThat(content.tags()).containsExactly("a");
  }

  @Test
  void anEmptyPatchLeavesAll() {
    assertThat(NOTHING.applyTo(LAMP)).isEqualTo(LAMP);
  }

  @Test
  void aPatchReplacesWhatItNamesAndLeavesTheRest() {
    Price dear = new Price(new BigDecimal(99));
    assertThat(
            new ItemPatch(Optional.of("desk"), Optional.empty(), Optional.empty(), Optional.empty())
                .applyTo(LAMP))
        .isEqualTo(new ItemContent("desk", LAMP.description(), PRICE, LAMP.tags()));
    assertThat(
            new ItemPatch(
                    Optional.empty(),
                    Optional.of(Optional.of("dim")),
                    Optional.of(dear),
                    Optional.of(List.of("x")))
                .applyTo(LAMP))
        .isEqualTo(new ItemContent("lamp", Optional.of("dim"), dear, List.of("x")));
  }

  @Test
  void aPatchRemovesADescriptionAndAllTags() {
    ItemPatch patch =
        new ItemPatch(
            Optional.empty(),
            Optional.of(Optional.empty()),
            Optional.empty(),
            Optional.of(List.of()));
    assertThat(patch.applyTo(LAMP))
        .isEqualTo(new ItemContent("lamp", Optional.empty(), PRICE, List.of()));
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

  /** The members of content that keep it from being written. */
  private static List<String> members(ItemContent content) {
    try {
      content.require();
      return List.of();
    } catch (InvalidContent e) {
      return e.faults().stream().map(Fault::member).toList();
    }
  }

  private static ItemContent content(String name, List<String> tags) {
    return new ItemContent(name, Optional.empty(), PRICE, tags);
  }
}

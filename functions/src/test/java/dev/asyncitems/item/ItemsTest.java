package dev.asyncitems.item;

import static dev.asyncitems.item.TestItems.named;
import static dev.asyncitems.item.TestItems.price;
import static dev.asyncitems.item.TestItems.with;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.asyncitems.call.Deadline;
import dev.asyncitems.call.Futures;
import dev.asyncitems.call.Retries;
import dev.asyncitems.call.Unavailable;
import dev.asyncitems.idempotency.IdempotencyKey;
import dev.asyncitems.item.HandStore.Add;
import dev.asyncitems.item.HandStore.Change;
import dev.asyncitems.item.ItemStore.Write;
import dev.asyncitems.rejection.Fault;
import dev.asyncitems.rejection.InvalidContent;
import dev.asyncitems.rejection.Rejection;
import dev.asyncitems.rejection.Rejection.Reason;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;

/** The use cases for items, on a store whose futures the tests complete. */
final class ItemsTest {
  private static final Instant NOW = Instant.parse("2026-01-15T09:32:00.123Z");
  private static final RandomGenerator LEAST = () -> 0;
  private static final VersionMatch ANY = new VersionMatch.Any();
  private static final Item FIRST = Item.create(named("lamp"), NOW.minusSeconds(60));

  private final HandStore store = new HandStore();
  private final List<Duration> pauses = new ArrayList<>();
  private final Items items = environment();
  private final Deadline deadline = Deadline.after(Duration.ofMinutes(1));

  private Items environment() {
    return new Items(
        store,
        new Retries(
            () -> LEAST, time -> CompletableFuture.runAsync(() -> pauses.add(time), Runnable::run)),
        Clock.fixed(NOW, ZoneOffset.UTC));
  }

  @Test
  void creatingAddsVersion1UnderTheKey() {
    var idempotencyKey = Optional.of(new IdempotencyKey("key", "fingerprint"));
    var created = items.create(named("desk"), idempotencyKey, deadline);
    assertThat(created).isNotDone();
    Add add = store.adds.remove();
    assertThat(add.idempotencyKey()).isEqualTo(idempotencyKey);
    assertThat(add.item().version()).isEqualTo(1);
    assertThat(add.item().createdAt()).isEqualTo(NOW);
    add.answer().complete(Optional.of(FIRST));
    assertThat(created).isCompletedWithValue(new Items.Created(FIRST, true));
  }

  @Test
  void readingTellsAnItemFromNone() {
    var there = items.get(FIRST.id(), deadline);
    var gone = items.get(FIRST.id(), deadline);
    var first = store.finds.remove();
    store.finds.remove().answer().complete(Optional.empty());
    assertRejected(gone, Reason.NOT_FOUND);
    assertThat(there).isNotDone();
    first.answer().complete(Optional.of(FIRST));
    assertThat(there).isCompletedWithValue(FIRST);
  }

  @Test
  void replacingWritesTheNextVersionOfWhatWasSeen() {
    var replaced = items.replace(FIRST.id(), named("desk"), ANY, deadline);
    find(FIRST);
    Change change = store.changes.remove();
    assertThat(replaced).isNotDone();
    Item next = FIRST.next(named("desk"), NOW);
    assertThat(change.seen()).isEqualTo(FIRST);
    assertThat(change.next()).contains(next);
    change.answer().complete(new Write.Written());
    assertThat(replaced).isCompletedWithValue(next);
    assertThat(store.isIdle()).isTrue();
  }

  @Test
  void aPatchOfAnOddItemIsRejectedUnlessItMendsIt() {
    Item odd = FIRST.next(named(" "), NOW);
    var rejected = items.patch(odd.id(), ItemsTest::dearer, ANY, deadline);
    find(odd);
    assertThat(failure(rejected))
        .isCompletedWithValueMatching(failure ->
            failure instanceof InvalidContent invalid
                && invalid.faults().equals(List.of(new Fault("/name", "must not be blank"))));
    assertThat(store.isIdle()).isTrue();

    var mended = items.patch(odd.id(), it -> with(it, "name", "lamp"), ANY, deadline);
    find(odd);
    store.changes.remove().answer().complete(new Write.Written());
    assertThat(mended).isCompletedWithValue(odd.next(named("lamp"), NOW));
  }

  @Test
  void anOddItemIsReplacedAndDeleted() {
    Item odd = FIRST.next(named(" "), NOW);
    var replaced = items.replace(odd.id(), named("desk"), ANY, deadline);
    find(odd);
    store.changes.remove().answer().complete(new Write.Written());
    assertThat(replaced).isCompletedWithValue(odd.next(named("desk"), NOW));

    var deleted = items.delete(odd.id(), oneOf(2L), deadline);
    find(odd);
    store.changes.remove().answer().complete(new Write.Written());
    assertThat(deleted).isCompletedWithValue(odd.id());
  }

  @Test
  void oddContentIsNeverWritten() {
    assertThatExceptionOfType(InvalidContent.class)
        .isThrownBy(() -> items.create(named(" "), Optional.empty(), deadline));
    assertThatExceptionOfType(InvalidContent.class)
        .isThrownBy(() -> items.replace(FIRST.id(), named(" "), ANY, deadline));
    assertThat(store.isIdle()).isTrue();
  }

  @Test
  void anOvertakenPatchIsDoneAgainOnWhatTheOtherLeft() {
    var patched = items.patch(FIRST.id(), ItemsTest::dearer, ANY, deadline);
    find(FIRST);
    Item second = FIRST.next(named("desk"), NOW);
    Item third = second.next(named("chair"), NOW);
    overtake(second);
    assertThat(pauses).as("the first conflict needs no pause").isEmpty();
    overtake(second);
    find(second);
    overtake(third);
    Change last = store.changes.remove();
    assertThat(patched).isNotDone();
    assertThat(last.seen()).isEqualTo(third);
    Item fourth = last.next().orElseThrow();
    assertThat(fourth.version()).isEqualTo(4);
    assertThat(fourth.content().name()).isEqualTo("chair");
    assertThat(fourth.content().price()).hasToString("10");
    last.answer().complete(new Write.Written());
    assertThat(patched).isCompletedWithValue(fourth);
    assertThat(pauses)
        .as("one pause, before the second read")
        .containsExactly(Duration.ofMillis(40));
    assertThat(store.isIdle()).isTrue();
  }

  @Test
  void aWriteThatMetAnotherReadsAgainAfterAPause() {
    var patched = items.patch(FIRST.id(), ItemsTest::dearer, ANY, deadline);
    find(FIRST);
    store.changes.remove().answer().complete(new Write.Busy());
    find(FIRST);
    store.changes.remove().answer().complete(new Write.Busy());
    Item second = FIRST.next(named("desk"), NOW);
    find(second);
    Change last = store.changes.remove();
    assertThat(last.seen()).isEqualTo(second);
    last.answer().complete(new Write.Written());
    assertThat(patched).isCompletedWithValue(last.next().orElseThrow());
    assertThat(pauses).containsExactly(Duration.ofMillis(40), Duration.ofMillis(80));
  }

  @Test
  void writersInOneEnvironmentTakeTurns() {
    var first = items.patch(FIRST.id(), ItemsTest::dearer, ANY, deadline);
    var second = items.replace(FIRST.id(), named("desk"), ANY, deadline);
    var third = items.patch(FIRST.id(), ItemsTest::dearer, oneOf(1L), deadline);
    var fourth = items.patch(FIRST.id(), ItemsTest::dearer, ANY, deadline);
    find(FIRST);
    Change ofFirst = store.changes.remove();
    assertThat(store.isIdle()).as("the others wait").isTrue();
    ofFirst.answer().complete(new Write.Written());
    Item afterFirst = ofFirst.next().orElseThrow();
    assertThat(first).isCompletedWithValue(afterFirst);

    Change ofSecond = store.changes.remove();
    assertThat(ofSecond.seen()).as("uses the previous write").isEqualTo(afterFirst);
    ofSecond.answer().complete(new Write.Written());
    Item afterSecond = ofSecond.next().orElseThrow();
    assertThat(second).isCompletedWithValue(afterSecond);
    assertThat(third).as("reads before it rejects").isNotDone();
    find(afterSecond);
    assertRejected(third, Reason.PRECONDITION_FAILED);

    find(afterSecond);
    store.changes.remove().answer().complete(new Write.Written());
    assertThat(fourth).isCompleted();
    assertThat(store.isIdle()).isTrue();
    assertThat(pauses).isEmpty();
  }

  /**
   * Another writer may have written the version that the client names, so the use case must read it
   * first.
   */
  @Test
  void aPreconditionIsNotJudgedByWhatALateWriterLeft() {
    var late = items.patch(FIRST.id(), ItemsTest::dearer, ANY, deadline);
    var next = items.patch(FIRST.id(), ItemsTest::dearer, oneOf(3L), deadline);
    find(FIRST);
    store.changes.remove().answer().complete(new Write.Written());
    assertThat(late).isCompleted();
    Item third = FIRST.next(named("sofa"), NOW).next(named("desk"), NOW);
    find(third);
    store.changes.remove().answer().complete(new Write.Written());
    assertThat(next).isCompleted();
  }

  @Test
  void writersOfOtherItemsWaitForNobody() {
    Item other = Item.create(named("sofa"), NOW);
    var one = items.patch(FIRST.id(), ItemsTest::dearer, ANY, deadline);
    var two = items.patch(other.id(), ItemsTest::dearer, ANY, deadline);
    assertThat(store.finds).hasSize(2);
    assertThat(one).isNotDone();
    assertThat(two).isNotDone();
  }

  @Test
  void whoseTurnDoesNotComeInTimeIsToldAndHoldsUpNobody() {
    var hangs = items.patch(FIRST.id(), ItemsTest::dearer, ANY, deadline);
    var hurried =
        items.patch(FIRST.id(), ItemsTest::dearer, ANY, Deadline.after(Duration.ofMillis(500)));
    assertThat(hurried)
        .failsWithin(Duration.ofSeconds(30))
        .withThrowableThat()
        .withCauseInstanceOf(Unavailable.class);
    find(FIRST);
    var next = items.patch(FIRST.id(), ItemsTest::dearer, ANY, deadline);
    find(FIRST);
    assertThat(store.changes).hasSize(2);
    assertThat(hangs).isNotDone();
    assertThat(next).isNotDone();
  }

  @Test
  void ofTwoWritesThatRaceEachGetsItsOwnVersion() {
    var one = items.patch(FIRST.id(), ItemsTest::dearer, ANY, deadline);
    var other = environment().replace(FIRST.id(), named("desk"), ANY, deadline);
    find(FIRST);
    find(FIRST);
    Change ofOne = store.changes.remove();
    Change ofOther = store.changes.remove();
    ofOther.answer().complete(new Write.Written());
    Item second = ofOther.next().orElseThrow();
    ofOne.answer().complete(new Write.Conflict(Optional.of(second)));
    Change again = store.changes.remove();
    again.answer().complete(new Write.Written());
    assertThat(other).isCompletedWithValue(second);
    assertThat(one).isCompletedWithValue(again.next().orElseThrow());
    assertThat(again.next().orElseThrow().version()).isEqualTo(3);
    assertThat(again.next().orElseThrow().content().name()).isEqualTo("desk");
  }

  @Test
  void aRaceThatDoesNotEndInTimeIsGivenUp() {
    Deadline soon = Deadline.after(Retries.ATTEMPT);
    var patched = items.patch(FIRST.id(), ItemsTest::dearer, ANY, soon);
    find(FIRST);
    overtake(FIRST.next(named("desk"), NOW));
    overtake(FIRST.next(named("desk"), NOW));
    assertThat(failure(patched)).isCompletedWithValueMatching(Unavailable.class::isInstance);
    assertThat(pauses).isEmpty();
  }

  @Test
  void aConflictingWriteOfAVersionThatWasNamedIsRejected() {
    for (VersionMatch match : List.of(oneOf(1L), oneOf(1L, 3L))) {
      var replaced = items.replace(FIRST.id(), named("desk"), match, deadline);
      find(FIRST);
      overtake(FIRST.next(named("chair"), NOW));
      assertRejected(replaced, Reason.PRECONDITION_FAILED);
      assertThat(store.isIdle()).isTrue();
    }
  }

  @Test
  void aConflictingWriteIsRejectedWhereWhatTheOtherLeftIsExcluded() {
    VersionMatch match = new VersionMatch.NoneOf(Set.of(2L));
    for (var rejected :
        List.of(
            items.replace(FIRST.id(), named("desk"), match, deadline),
            items.patch(FIRST.id(), ItemsTest::dearer, match, deadline))) {
      find(FIRST);
      overtake(FIRST.next(named("chair"), NOW));
      assertRejected(rejected, Reason.PRECONDITION_FAILED);
    }
    var deleted = items.delete(FIRST.id(), match, deadline);
    find(FIRST);
    overtake(FIRST.next(named("chair"), NOW));
    assertRejected(deleted, Reason.PRECONDITION_FAILED);
    assertThat(store.isIdle()).isTrue();
  }

  @Test
  void aConflictingWriteGoesOnWhereWhatTheOtherLeftIsNamedToo() {
    var replaced = items.replace(FIRST.id(), named("desk"), oneOf(1L, 2L), deadline);
    find(FIRST);
    Item second = FIRST.next(named("chair"), NOW);
    overtake(second);
    store.changes.remove().answer().complete(new Write.Written());
    assertThat(replaced).isCompletedWithValue(second.next(named("desk"), NOW));
  }

  @Test
  void aVersionThatIsNotNamedIsRejectedWithoutAWrite() {
    for (var rejected :
        List.of(
            items.replace(FIRST.id(), named("desk"), oneOf(2L), deadline),
            items.patch(FIRST.id(), ItemsTest::dearer, oneOf(), deadline))) {
      find(FIRST);
      assertRejected(rejected, Reason.PRECONDITION_FAILED);
    }
    var deleted = items.delete(FIRST.id(), oneOf(2L), deadline);
    find(FIRST);
    assertRejected(deleted, Reason.PRECONDITION_FAILED);
    assertThat(store.isIdle()).isTrue();
  }

  @Test
  void whatIsNotThereIsNotFoundWhateverVersionWasNamed() {
    for (VersionMatch match : List.of(ANY, oneOf(2L), oneOf())) {
      var replaced = items.replace(FIRST.id(), named("desk"), match, deadline);
      var patched = items.patch(FIRST.id(), ItemsTest::dearer, match, deadline);
      store.finds.remove().answer().complete(Optional.empty());
      store.finds.remove().answer().complete(Optional.empty());
      assertRejected(replaced, Reason.NOT_FOUND);
      assertRejected(patched, Reason.NOT_FOUND);
    }
    var deleted = items.delete(FIRST.id(), oneOf(2L), deadline);
    store.finds.remove().answer().complete(Optional.empty());
    assertRejected(deleted, Reason.NOT_FOUND);
    assertThat(store.isIdle()).isTrue();
  }

  @Test
  void aWriteThatADeleteOvertookFindsNothing() {
    var replaced = items.replace(FIRST.id(), named("desk"), oneOf(1L), deadline);
    find(FIRST);
    store.changes.remove().answer().complete(new Write.Conflict(Optional.empty()));
    assertRejected(replaced, Reason.NOT_FOUND);
  }

  @Test
  void deletingWhicheverVersionTakesOneCall() {
    var deleted = items.delete(FIRST.id(), ANY, deadline);
    store.removes.remove().answer().complete(true);
    assertThat(deleted).isCompletedWithValue(FIRST.id());
    var again = items.delete(FIRST.id(), ANY, deadline);
    store.removes.remove().answer().complete(false);
    assertRejected(again, Reason.NOT_FOUND);
    assertThat(store.isIdle()).isTrue();
  }

  @Test
  void deletingANamedVersionRemovesJustThat() {
    var deleted = items.delete(FIRST.id(), oneOf(1L), deadline);
    find(FIRST);
    Change change = store.changes.remove();
    assertThat(change.seen()).isEqualTo(FIRST);
    assertThat(change.next()).isEmpty();
    change.answer().complete(new Write.Written());
    assertThat(deleted).isCompletedWithValue(FIRST.id());
  }

  @Test
  void aConflictingDeleteOfANamedVersionIsRejected() {
    var deleted = items.delete(FIRST.id(), oneOf(1L), deadline);
    find(FIRST);
    overtake(FIRST.next(named("chair"), NOW));
    assertRejected(deleted, Reason.PRECONDITION_FAILED);
    assertThat(store.isIdle()).isTrue();
  }

  @Test
  void aFailureOfTheStoreIsPassedOnFromEveryStep() {
    Unavailable away = new Unavailable("away");
    var notRead = items.replace(FIRST.id(), named("desk"), ANY, deadline);
    store.finds.remove().answer().completeExceptionally(away);
    assertThat(failure(notRead)).isCompletedWithValue(away);

    var notWritten = items.replace(FIRST.id(), named("desk"), ANY, deadline);
    find(FIRST);
    overtake(FIRST.next(named("chair"), NOW));
    store.changes.remove().answer().completeExceptionally(away);
    assertThat(failure(notWritten)).isCompletedWithValue(away);
  }

  @Test
  void everyStepHasTheDeadlineOfTheCall() {
    var patched = items.patch(FIRST.id(), ItemsTest::dearer, ANY, deadline);
    find(FIRST);
    overtake(FIRST.next(named("chair"), NOW));
    overtake(FIRST.next(named("chair"), NOW));
    find(FIRST.next(named("chair"), NOW));
    assertThat(patched).isNotDone();
    assertThat(store.deadlines).hasSize(5).containsOnly(deadline);
  }

  private void find(Item item) {
    var find = store.finds.remove();
    assertThat(find.id()).isEqualTo(item.id());
    find.answer().complete(Optional.of(item));
  }

  private void overtake(Item left) {
    store.changes.remove().answer().complete(new Write.Conflict(Optional.of(left)));
  }

  private static void assertRejected(CompletableFuture<?> future, Reason reason) {
    assertThat(failure(future))
        .isCompletedWithValueMatching(
            failure -> failure instanceof Rejection rejection && rejection.reason() == reason);
  }

  private static CompletableFuture<Throwable> failure(CompletableFuture<?> future) {
    return future.handle((done, failure) -> Futures.cause(failure));
  }

  private static VersionMatch oneOf(Long... versions) {
    return new VersionMatch.OneOf(Set.of(versions));
  }

  private static ItemContent dearer(ItemContent content) {
    return with(content, "price", price("10"));
  }
}

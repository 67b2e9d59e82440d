package dev.asyncitems.function;

import static dev.asyncitems.item.TestItems.with;
import static org.assertj.core.api.Assertions.assertThat;

import dev.asyncitems.call.Deadline;
import dev.asyncitems.imports.Chunk;
import dev.asyncitems.imports.Chunk.RejectedLine;
import dev.asyncitems.imports.Lines;
import dev.asyncitems.local.LocalRun;
import dev.asyncitems.notification.Notification;
import dev.asyncitems.outbox.BackgroundTask.Attempt;
import dev.asyncitems.outbox.BackgroundTask.Effect;
import dev.asyncitems.outbox.OutboxEntry;
import dev.asyncitems.outbox.OutboxStore;
import dev.asyncitems.outbox.Task;
import dev.asyncitems.outbox.TaskStatus;
import dev.asyncitems.outbox.TaskStore;
import dev.asyncitems.rejection.Fault;
import dev.asyncitems.settings.Setting;
import dev.asyncitems.system.Backend;
import dev.asyncitems.system.Lane;
import dev.asyncitems.trace.TraceContext;
import dev.asyncitems.value.Times;
import dev.asyncitems.value.UuidV7;
import java.lang.reflect.Field;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;

/**
 * Every member of a task of each kind is stored and read: its data when it is accepted, its status
 * by attempts.
 */
@TestInstance(Lifecycle.PER_CLASS)
final class StoredTasksIT {
  private static final Instant LATER = Instant.parse("2036-01-15T09:32:00.123Z");

  private final LocalRun run = Lane.run().withoutFront().withoutPollers().start();
  private final Wiring wiring =
      new Wiring(
          run.environment("RelayOutbox"),
          Clock.systemUTC(),
          TaskKind.toRun(TaskKind.ALL, Setting.READ_SHARDS));
  private final Backend backend = new Backend(run);

  @AfterAll
  void close() {
    backend.close();
    wiring.close();
    run.close();
  }

  static List<TaskKind<?>> kinds() {
    return TaskKind.ALL;
  }

  @Test
  void allKindsAreListed() {
    assertThat(constants()).isNotEmpty().extracting(StoredTasksIT::kind).hasSameElementsAs(kinds());
  }

  @ParameterizedTest
  @MethodSource("kinds")
  <D> void everyMemberOfTheDataIsStored(TaskKind<D> kind) {
    D data = sample(kind);
    Task<D> accepted = task(data);
    assertThat(add(kind, accepted)).isEqualTo(accepted);
  }

  @ParameterizedTest
  @MethodSource("kinds")
  <D> void anAttemptChangesTheMembersThatItIsAbout(TaskKind<D> kind) {
    Task<D> accepted = add(kind, task(sample(kind)));
    UUID id = accepted.id();
    OutboxStore entries = wiring.entries(kind);
    Task<D> failing = with(with(accepted, "attempts", 1), "failure", Optional.of("store away"));
    Task<D> failed =
        with(
            with(with(failing, "attempts", 2), "status", TaskStatus.FAILED),
            "failure",
            Optional.of("given up"));
    Task<D> done =
        new Task<>(
            accepted.id(),
            accepted.data(),
            TaskStatus.DONE,
            3,
            Optional.of(LATER),
            Optional.empty());

    assertThat(entries.recordFailure(id, "one", false, "store away", soon()).join()).hasValue(1);
    assertThat(read(kind, accepted)).isEqualTo(failing);
    assertThat(entries.recordFailure(id, "two", false, "store away", soon()).join()).hasValue(2);
    assertThat(entries.fail(id, "two", "given up", LATER, soon()).join()).isTrue();
    assertThat(read(kind, accepted)).isEqualTo(failed);
    assertThat(entries.complete(id, new Attempt("three", LATER), soon()).join())
        .isEqualTo(Effect.REPLAYED);
    assertThat(read(kind, accepted)).isEqualTo(done);
  }

  @ParameterizedTest
  @MethodSource("kinds")
  <D> void anAttemptIsUsedUpOnce(TaskKind<D> kind) {
    UUID id = add(kind, task(sample(kind))).id();
    OutboxStore entries = wiring.entries(kind);
    for (int twice = 0; twice < 2; twice++) {
      assertThat(entries.recordStart(id, "one", "stopped", soon()).join()).hasValue(1);
    }
    for (int twice = 0; twice < 2; twice++) {
      assertThat(entries.recordFailure(id, "one", true, "away", soon()).join()).hasValue(1);
    }
    for (int twice = 0; twice < 2; twice++) {
      assertThat(entries.recordFailure(id, "two", false, "away", soon()).join()).hasValue(2);
    }
    assertThat(store(kind).find(id, soon()).join())
        .hasValueSatisfying(task -> assertThat(task.attempts()).isEqualTo(2));
  }

  @ParameterizedTest
  @MethodSource("kinds")
  <D> void aFailedRowHasAllAttemptsAgain(TaskKind<D> kind) {
    UUID id = add(kind, task(sample(kind))).id();
    OutboxStore entries = wiring.entries(kind);
    for (String delivery : List.of("one", "two", "three")) {
      entries.recordFailure(id, delivery, false, "away", soon()).join();
    }
    assertThat(entries.fail(id, "three", "given up", LATER, soon()).join()).isTrue();
    assertThat(entries.recordFailure(id, "four", false, "away", soon()).join()).hasValue(1);
    assertThat(entries.fail(id, "four", "given up again", LATER, soon()).join())
        .as("a replay that fails too")
        .isTrue();
    assertThat(store(kind).find(id, soon()).join())
        .hasValueSatisfying(task -> {
          assertThat(task.status()).isEqualTo(TaskStatus.FAILED);
          assertThat(task.failure()).contains("given up again");
          assertThat(task.attempts()).isEqualTo(4);
        });
  }

  @ParameterizedTest
  @MethodSource("kinds")
  <D> void aDoneOrUnknownRowRecordsNothing(TaskKind<D> kind) {
    Task<D> accepted = add(kind, task(sample(kind)));
    OutboxStore entries = wiring.entries(kind);
    entries.complete(accepted.id(), new Attempt("one", LATER), soon()).join();
    Task<D> done = read(kind, accepted);
    for (UUID id : List.of(accepted.id(), UuidV7.at(LATER))) {
      assertThat(entries.recordStart(id, "two", "stopped", soon()).join()).isEmpty();
      assertThat(entries.recordFailure(id, "two", false, "away", soon()).join()).isEmpty();
      assertThat(entries.fail(id, "two", "given up", LATER, soon()).join()).isFalse();
    }
    assertThat(read(kind, accepted)).isEqualTo(done);
  }

  @ParameterizedTest
  @MethodSource("kinds")
  <D> void aDeletedRowIsATombstoneThatNothingWritesTo(TaskKind<D> kind) {
    UUID id = add(kind, task(sample(kind))).id();
    OutboxStore entries = wiring.entries(kind);
    entries.recordFailure(id, "one", false, "away", soon()).join();
    OutboxEntry seen = entries.find(id, soon()).join().orElseThrow();
    Instant before = Times.now(Clock.systemUTC());

    assertThat(store(kind).delete(id, soon()).join()).isTrue();

    Map<String, AttributeValue> tombstone = row(id);
    assertThat(tombstone)
        .containsOnlyKeys("id", "status", "deletedAt", "expiresAt", "lastWrite")
        .containsEntry("status", AttributeValue.fromS("done"));
    Instant deletedAt = Instant.parse(Backend.text(tombstone, "deletedAt"));
    assertThat(deletedAt).isBetween(before, Instant.now());
    assertThat(Backend.text(tombstone, "expiresAt"))
        .isEqualTo("" + deletedAt.plus(Duration.ofDays(30)).getEpochSecond());
    assertThat(store(kind).find(id, soon()).join()).isEmpty();
    assertThat(entries.find(id, soon()).join()).isEmpty();
    assertThat(store(kind).delete(id, soon()).join()).as("again").isFalse();
    assertThat(entries.lease(seen, LATER, soon()).join()).isFalse();
    assertThat(entries.postpone(seen, LATER, soon()).join()).isFalse();
    assertThat(entries.giveUp(seen, "given up", LATER, soon()).join()).isFalse();
    assertThat(entries.recordStart(id, "two", "stopped", soon()).join()).isEmpty();
    assertThat(entries.recordFailure(id, "two", false, "away", soon()).join()).isEmpty();
    assertThat(entries.fail(id, "two", "given up", LATER, soon()).join()).isFalse();
    assertThat(entries.complete(id, new Attempt("two", LATER), soon()).join())
        .isEqualTo(Effect.ALREADY_DONE);
    assertThat(row(id)).isEqualTo(tombstone);
  }

  private Map<String, AttributeValue> row(UUID id) {
    return run.template().tables().stream()
        .flatMap(table -> backend.rows(table.id()).stream())
        .filter(row -> Backend.text(row, "id").equals(id.toString()))
        .findFirst()
        .orElseThrow();
  }

  @ParameterizedTest
  @CsvSource({"0, ''", "30, 2086594320"})
  void aRowExpiresOnlyIfARetentionIsSet(String days, String expiresAt) {
    Map<String, String> environment = new HashMap<>(run.environment("LogNotifications"));
    environment.put("DONE_RETENTION_DAYS", days);
    TaskKind<Notification> kind = TaskKind.NOTIFICATION;
    Setting[] settings = TaskKind.toRun(List.of(kind), Setting.DONE_RETENTION_DAYS);
    Task<Notification> accepted = add(kind, task(sample(kind)));

    try (Wiring consumer = new Wiring(environment, Clock.systemUTC(), settings)) {
      Attempt attempt = new Attempt("one", LATER);
      assertThat(consumer.entries(kind).complete(accepted.id(), attempt, soon()).join())
          .isEqualTo(Effect.DONE);
    }

    assertThat(Backend.text(backend.row(accepted.id().toString()), "expiresAt"))
        .isEqualTo(expiresAt);
  }

  private static <D> Task<D> task(D data) {
    return new Task<>(
        UuidV7.at(Instant.now()), data, TaskStatus.QUEUED, 0, Optional.empty(), Optional.empty());
  }

  private <D> Task<D> add(TaskKind<D> kind, Task<D> task) {
    OutboxEntry entry = new OutboxEntry(task.id(), LATER, 0, TraceContext.UNKNOWN);
    assertThat(store(kind).add(task, entry, Optional.empty(), soon()).join()).isEmpty();
    return read(kind, task);
  }

  private <D> Task<D> read(TaskKind<D> kind, Task<D> task) {
    return store(kind).find(task.id(), soon()).join().orElseThrow();
  }

  private <D> TaskStore<D> store(TaskKind<D> kind) {
    return wiring.tasks(kind);
  }

  private static List<Field> constants() {
    return Arrays.stream(TaskKind.class.getDeclaredFields())
        .filter(field -> field.getType() == TaskKind.class)
        .toList();
  }

  private static TaskKind<?> kind(Field constant) {
    try {
      return (TaskKind<?>) constant.get(null);
    } catch (IllegalAccessException e) {
      throw new LinkageError(e.getMessage(), e);
    }
  }

  /** Returns data of a kind, whose type its constant declares. Each member has a value. */
  @SuppressWarnings("unchecked") // The constant's type argument is the type of the data.
  private static <D> D sample(TaskKind<D> kind) {
    Field constant =
        constants().stream().filter(one -> kind(one).equals(kind)).findFirst().orElseThrow();
    Class<?> type =
        (Class<?>) ((ParameterizedType) constant.getGenericType()).getActualTypeArguments()[0];
    RecordComponent[] members = type.getRecordComponents();
    try {
      return (D)
          type.getDeclaredConstructor(
                  Arrays.stream(members).map(RecordComponent::getType).toArray(Class<?>[]::new))
              .newInstance(Arrays.stream(members).map(StoredTasksIT::sample).toArray());
    } catch (ReflectiveOperationException e) {
      throw new LinkageError(e.getMessage(), e);
    }
  }

  private static Object sample(RecordComponent member) {
    String text = "the " + member.getName();
    return switch (member.getGenericType().getTypeName()) {
      case "java.lang.String" -> text;
      case "int" -> text.hashCode();
      case "long" -> (long) text.hashCode();
      case "java.util.UUID" -> UuidV7.at(LATER);
      case "java.time.Instant" -> LATER;
      case "java.util.List<java.lang.String>" -> List.of(text, "other");
      case "java.util.Optional<java.lang.String>" -> Optional.of(text);
      case "java.util.Optional<dev.asyncitems.imports.Lines>" ->
          Optional.of(new Lines(7, StandardCharsets.UTF_8.encode(text)));
      case "dev.asyncitems.imports.Chunk$Result" ->
          new Chunk.Result(
              Optional.of(LATER),
              3,
              2,
              List.of(
                  new RejectedLine(1, List.of(new Fault("/name", text), new Fault("", text))),
                  new RejectedLine(9, List.of(new Fault("/tags/2", text)))));
      default -> throw new AssertionError("add a sample of " + member);
    };
  }

  private static Deadline soon() {
    return Deadline.after(Duration.ofSeconds(10));
  }
}

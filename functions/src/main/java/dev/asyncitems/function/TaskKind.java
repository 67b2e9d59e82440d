package dev.asyncitems.function;

import static dev.asyncitems.settings.Setting.IDEMPOTENCY_TABLE;
import static dev.asyncitems.settings.Setting.MAX_RECEIVE_COUNT;
import static dev.asyncitems.settings.Setting.VISIBILITY_TIMEOUT_SECONDS;
import static dev.asyncitems.settings.Setting.WRITE_SHARDS;

import dev.asyncitems.dynamodb.ChunkRow;
import dev.asyncitems.dynamodb.NotificationRow;
import dev.asyncitems.dynamodb.TaskRow;
import dev.asyncitems.imports.Chunk;
import dev.asyncitems.notification.Notification;
import dev.asyncitems.settings.Setting;
import java.util.List;
import java.util.function.Supplier;
import java.util.stream.Stream;

/**
 * A kind of background task.
 *
 * @param name the kind's name in log lines
 * @param prefix the prefix of the kind's environment variables, such as {@code NOTIFICATIONS}
 */
record TaskKind<D>(String name, String prefix, Supplier<TaskRow.Type<D, ?>> rows) {
  static final TaskKind<Notification> NOTIFICATION =
      new TaskKind<>("notification", "NOTIFICATIONS", () -> NotificationRow.TYPE);

  static final TaskKind<Chunk> IMPORT_CHUNK =
      new TaskKind<>("chunk", "IMPORTS", () -> ChunkRow.TYPE);

  /** All kinds of task. The relay dispatches the entries of each kind. */
  static final List<TaskKind<?>> ALL = List.of(NOTIFICATION, IMPORT_CHUNK);

  /** Returns the name of the log field with a task's id. */
  String idField() {
    return name + "Id";
  }

  Setting table() {
    return Setting.table(prefix);
  }

  Setting queue() {
    return Setting.queue(prefix);
  }

  Setting deadLetterQueue() {
    return Setting.deadLetterQueue(prefix);
  }

  /** Returns the variables of a function that accepts tasks of this kind, and {@code others}. */
  Setting[] toAccept(Setting... others) {
    return Stream.concat(
            Stream.of(
                table(),
                queue(),
                IDEMPOTENCY_TABLE,
                WRITE_SHARDS,
                VISIBILITY_TIMEOUT_SECONDS,
                MAX_RECEIVE_COUNT),
            Stream.of(others))
        .toArray(Setting[]::new);
  }

  /** Returns the variables of the consumer of this kind, and {@code others}. */
  Setting[] toConsume(Setting... others) {
    return Stream.concat(Stream.of(toRun(List.of(this), others)), Stream.of(Setting.MAX_ATTEMPTS))
        .toArray(Setting[]::new);
  }

  /** Returns the variables of a function that dispatches or runs tasks, and {@code others}. */
  static Setting[] toRun(List<TaskKind<?>> kinds, Setting... others) {
    return Stream.concat(
            kinds.stream()
                .flatMap(kind -> Stream.of(kind.table(), kind.queue(), kind.deadLetterQueue())),
            Stream.concat(
                Stream.of(WRITE_SHARDS, VISIBILITY_TIMEOUT_SECONDS, MAX_RECEIVE_COUNT),
                Stream.of(others)))
        .toArray(Setting[]::new);
  }
}

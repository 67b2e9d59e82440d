package dev.asyncitems.function;

import static dev.asyncitems.settings.Setting.MAX_RECEIVE_COUNT;
import static dev.asyncitems.settings.Setting.VISIBILITY_TIMEOUT_SECONDS;
import static dev.asyncitems.settings.Setting.WRITE_SHARDS;

import dev.asyncitems.settings.Setting;
import java.util.List;
import java.util.function.Function;
import java.util.stream.Stream;

/** The kinds of background tasks, with the environment variables of their tables and queues. */
enum Task {
  NOTIFICATION("notification", "NOTIFICATIONS");

  private final String text;
  private final String rows;

  /**
   * @param text the task's name in log lines
   * @param rows the first part of its variables' names, such as of {@code NOTIFICATIONS_TABLE}
   */
  Task(String text, String rows) {
    this.text = text;
    this.rows = rows;
  }

  /** Returns the task's name in log lines. */
  String text() {
    return text;
  }

  Setting table() {
    return Setting.table(rows);
  }

  Setting queue() {
    return Setting.queue(rows);
  }

  Setting deadLetterQueue() {
    return Setting.deadLetterQueue(rows);
  }

  /**
   * Returns the environment variables of a function that dispatches tasks or runs them.
   *
   * @param others further variables that the function needs
   */
  static Setting[] settings(List<Task> tasks, Setting... others) {
    return Stream.of(
            tasks.stream()
                .flatMap(task -> Stream.of(task.table(), task.queue(), task.deadLetterQueue())),
            Stream.of(WRITE_SHARDS, VISIBILITY_TIMEOUT_SECONDS, MAX_RECEIVE_COUNT),
            Stream.of(others))
        .flatMap(Function.identity())
        .toArray(Setting[]::new);
  }
}

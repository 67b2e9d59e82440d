package dev.asyncitems.faults;

import dev.asyncitems.local.LocalRun;
import dev.asyncitems.system.Backend;
import java.util.Arrays;
import java.util.Set;
import java.util.stream.Collectors;

/** A kind of background task, by the logical ids of its resources in the template. */
enum Tasks {
  NOTIFICATIONS("Notifications", Backend.QUEUE, Backend.DEAD_LETTERS, Backend.CONSUMER, 10, 1),
  CHUNKS("Imports", "ImportQueue", "ImportDeadLetterQueue", "ImportItems", 1, 2);

  private final String table;
  private final String queue;
  private final String deadLetters;
  private final String consumer;
  private final int batch;
  private final int callsOfTask;

  Tasks(
      String table, String queue, String deadLetters, String consumer, int batch, int callsOfTask) {
    this.table = table;
    this.queue = queue;
    this.deadLetters = deadLetters;
    this.consumer = consumer;
    this.batch = batch;
    this.callsOfTask = callsOfTask;
  }

  String table() {
    return table;
  }

  String queue() {
    return queue;
  }

  String deadLetters() {
    return deadLetters;
  }

  /** Returns the function that runs the tasks. */
  String consumer() {
    return consumer;
  }

  /** Returns the maximum number of messages in a batch. */
  int batch() {
    return batch;
  }

  /** Returns the number of calls that a successful task makes. */
  int callsOfTask() {
    return callsOfTask;
  }

  /** Returns the URLs of the dead-letter queues of all kinds. */
  static Set<String> deadLetterQueueUrls(LocalRun run) {
    return Arrays.stream(values())
        .map(tasks -> run.queueUrl(tasks.deadLetters))
        .collect(Collectors.toSet());
  }
}

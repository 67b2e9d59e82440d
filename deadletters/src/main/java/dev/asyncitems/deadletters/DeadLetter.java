package dev.asyncitems.deadletters;

import java.util.Optional;

/**
 * A dead letter, or a failed row without a dead letter, and the state of its task.
 *
 * @param row the row that the message names, if it exists
 */
record DeadLetter(Letter message, Optional<Row> row) {
  /** The attributes that the command reads from a row. */
  record Row(String status, int attempts, Optional<String> failure) {
    /** The status of a tombstone. The row itself says that it is done. */
    static final String DELETED = "deleted";
  }

  /** The expected effect of a replay. */
  enum Outlook {
    /** The consumer completes the task. */
    COMPLETES("completes it"),
    /** Nothing happens, because the task is done. */
    NO_EFFECT("no effect, it is done"),
    /** Nothing happens, because the task was deleted. */
    DELETED("no effect, deleted"),
    /** The consumer cannot process the message and dead-letters it again. */
    COMES_BACK("comes back");

    private final String text;

    Outlook(String text) {
      this.text = text;
    }

    @Override
    public String toString() {
      return text;
    }
  }

  boolean isFailed() {
    return row.filter(known -> known.status().equals("failed")).isPresent();
  }

  Outlook outlook() {
    return row.map(known ->
            switch (known.status()) {
              case "done" -> Outlook.NO_EFFECT;
              case Row.DELETED -> Outlook.DELETED;
              default -> Outlook.COMPLETES;
            })
        .orElse(Outlook.COMES_BACK);
  }

  /**
   * Returns the reason on the row, or else the reason on the message. Without either, returns a
   * guess from the state of the row, or from the message if there is no row.
   */
  String reason() {
    return row.flatMap(Row::failure).or(message::reason).orElseGet(this::presumably);
  }

  private String presumably() {
    return switch (outlook()) {
      case COMPLETES -> "all deliveries failed, and the row was not marked";
      case NO_EFFECT -> "it has been done since";
      case DELETED -> "it has been deleted since";
      case COMES_BACK ->
          message.id().isPresent() ? "no row has the message's id" : "the message is malformed";
    };
  }
}

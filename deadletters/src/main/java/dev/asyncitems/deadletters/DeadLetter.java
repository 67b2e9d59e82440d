package dev.asyncitems.deadletters;

import java.util.Optional;

/**
 * A dead-lettered job, and what is known of its notification.
 *
 * @param row the notification's row, if there is one
 */
record DeadLetter(Job job, Optional<Row> row) {
  /** What is kept of a notification, as far as it matters here. */
  record Row(String status, int attempts, Optional<String> failure) {}

  /** What would come of the job if the consumer got it again. */
  enum Outlook {
    /** Its notification waits to be logged. */
    COMPLETES("completes it"),
    /** Its notification is logged already: the job ends without effect. */
    NO_EFFECT("no effect, it is done"),
    /** Nothing can come of it: it would lie here again. */
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

  /** Returns whether the row is failed. */
  boolean isFailed() {
    return row.filter(known -> known.status().equals("failed")).isPresent();
  }

  Outlook outlook() {
    return row.map(known -> known.status().equals("done") ? Outlook.NO_EFFECT : Outlook.COMPLETES)
        .orElse(Outlook.COMES_BACK);
  }

  /** Why it is here, in the words of who gave it up. */
  String reason() {
    return row.flatMap(Row::failure).or(job::reason).orElseGet(this::presumably);
  }

  private String presumably() {
    return switch (outlook()) {
      case COMPLETES -> "its deliveries were used up, the row was not marked";
      case NO_EFFECT -> "it was done since";
      case COMES_BACK ->
          job.id().isPresent() ? "no row has the message's id" : "the message is malformed";
    };
  }
}

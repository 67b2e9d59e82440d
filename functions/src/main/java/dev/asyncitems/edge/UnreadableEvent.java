package dev.asyncitems.edge;

/**
 * An event cannot be read. Its message says why, and quotes nothing of the event: the message is
 * logged.
 */
final class UnreadableEvent extends RuntimeException {
  UnreadableEvent(String message) {
    super(message);
  }
}

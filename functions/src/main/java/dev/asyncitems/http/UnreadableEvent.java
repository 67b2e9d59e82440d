package dev.asyncitems.http;

/**
 * An event cannot be read. Its message says why, and quotes nothing of the event: the message is
 * logged.
 */
public final class UnreadableEvent extends RuntimeException {
  /**
   * @param message why, in words that quote nothing of the event
   */
  public UnreadableEvent(String message) {
    super(message);
  }
}

package dev.asyncitems.http;

/**
 * An exception for an event that cannot be read. Its message is logged, so it quotes nothing of the
 * event.
 */
public final class UnreadableEvent extends RuntimeException {
  public UnreadableEvent(String message) {
    super(message);
  }
}

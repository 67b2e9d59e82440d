package dev.asyncitems.http;

/** An exception for an unreadable event. Its message is logged, so it must not quote the event. */
public final class UnreadableEvent extends RuntimeException {
  public UnreadableEvent(String message) {
    super(message);
  }
}

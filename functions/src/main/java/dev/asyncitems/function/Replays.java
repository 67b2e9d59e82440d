package dev.asyncitems.function;

import dev.asyncitems.edge.Reply;

/** Marks replies that an idempotency key brought again. */
final class Replays {
  private Replays() {}

  static Reply mark(Reply reply, boolean replayed) {
    return replayed ? reply.with("Idempotent-Replayed", "true") : reply;
  }
}

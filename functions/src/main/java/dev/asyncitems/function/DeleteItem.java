package dev.asyncitems.function;

import dev.asyncitems.http.Reply;
import dev.asyncitems.http.Request;
import dev.asyncitems.item.VersionMatch;
import java.time.Clock;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;

/** {@code DELETE /items/{id}}: deletes an item. */
public final class DeleteItem extends ItemFunction {
  public DeleteItem() {
    this(System.getenv(), Clock.systemUTC());
  }

  public DeleteItem(Map<String, String> environment, Clock clock) {
    super(environment, clock);
  }

  @Override
  CompletableFuture<Reply> answer(Request request) {
    UUID id = id(request);
    return request.read(input -> {
      VersionMatch match = ItemJson.match(input.preconditions());
      return () ->
          items.delete(id, match, request.deadline()).thenApply(deleted -> Reply.empty(204));
    });
  }
}

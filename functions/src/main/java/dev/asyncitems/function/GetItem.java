package dev.asyncitems.function;

import dev.asyncitems.http.EntityTags;
import dev.asyncitems.http.Preconditions;
import dev.asyncitems.http.Reply;
import dev.asyncitems.http.Request;
import dev.asyncitems.item.Item;
import java.time.Clock;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;

/** {@code GET /items/{id}}: reads an item. */
public final class GetItem extends ItemFunction {
  public GetItem() {
    this(System.getenv(), Clock.systemUTC());
  }

  public GetItem(Map<String, String> environment, Clock clock) {
    super(environment, clock);
  }

  @Override
  CompletableFuture<Reply> answer(Request request) {
    UUID id = id(request);
    return request.read(input -> {
      Preconditions preconditions = input.preconditions();
      return () -> items.get(id, request.deadline()).thenApply(item -> reply(item, preconditions));
    });
  }

  private static Reply reply(Item item, Preconditions preconditions) {
    return preconditions.notModified(String.valueOf(item.version()))
        ? Reply.empty(304).with("ETag", EntityTags.of(item.version()))
        : ItemJson.reply(200, item);
  }
}

package dev.asyncitems.function;

import dev.asyncitems.http.MediaType;
import dev.asyncitems.http.Reply;
import dev.asyncitems.http.Request;
import dev.asyncitems.item.VersionMatch;
import dev.asyncitems.json.Json;
import java.time.Clock;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;

/** {@code PUT /items/{id}}: replaces an item. */
public final class ReplaceItem extends ItemFunction {
  public ReplaceItem() {
    this(System.getenv(), Clock.systemUTC());
  }

  public ReplaceItem(Map<String, String> environment, Clock clock) {
    super(environment, clock);
  }

  @Override
  CompletableFuture<Reply> answer(Request request) {
    UUID id = id(request);
    return request.read(input -> {
      Json body = input.json(MediaType.JSON);
      VersionMatch match = ItemJson.match(input.preconditions());
      return () ->
          items
              .replace(id, ItemJson.replacement(body), match, request.deadline())
              .thenApply(item -> ItemJson.reply(200, item));
    });
  }
}

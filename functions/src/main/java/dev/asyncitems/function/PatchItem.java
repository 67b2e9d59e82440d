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

/** {@code PATCH /items/{id}}: changes a part of an item. */
public final class PatchItem extends ItemFunction {
  public PatchItem() {
    this(System.getenv(), Clock.systemUTC());
  }

  public PatchItem(Map<String, String> environment, Clock clock) {
    super(environment, clock);
  }

  @Override
  CompletableFuture<Reply> answer(Request request) {
    UUID id = id(request);
    return request.read(input -> {
      Json body = input.json(MediaType.MERGE_PATCH, MediaType.JSON);
      VersionMatch match = ItemJson.match(input.preconditions());
      return () ->
          items
              .patch(id, ItemJson.patch(body), match, request.deadline())
              .thenApply(item -> ItemJson.reply(200, item));
    });
  }
}

package dev.asyncitems.function;

import static dev.asyncitems.settings.Setting.ITEMS_TABLE;
import static dev.asyncitems.settings.Setting.READ_SHARDS;

import dev.asyncitems.call.Deadline;
import dev.asyncitems.http.Listing;
import dev.asyncitems.http.Problem;
import dev.asyncitems.http.ProblemException;
import dev.asyncitems.http.Reply;
import dev.asyncitems.http.Request;
import dev.asyncitems.item.Item;
import dev.asyncitems.item.Items;
import dev.asyncitems.notification.Notification;
import dev.asyncitems.outbox.Task;
import dev.asyncitems.outbox.TaskQueue;
import dev.asyncitems.outbox.TaskQueue.Depth;
import dev.asyncitems.outbox.TaskStore;
import dev.asyncitems.paging.Page;
import dev.asyncitems.paging.PageRequest;
import java.time.Clock;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/** {@code GET /data}: returns a summary, gathered by concurrent asynchronous calls. */
public final class GetData extends HttpFunction {
  private static final int NEWEST = 10;

  private final Items items;
  private final TaskStore<Notification> notifications;
  private final TaskQueue queue;

  public GetData() {
    this(System.getenv(), Clock.systemUTC());
  }

  public GetData(Map<String, String> environment, Clock clock) {
    Wiring wiring =
        new Wiring(
            environment,
            clock,
            ITEMS_TABLE,
            TaskKind.NOTIFICATION.table(),
            READ_SHARDS,
            TaskKind.NOTIFICATION.queue());
    super(wiring);
    items = wiring.items();
    notifications = wiring.tasks(TaskKind.NOTIFICATION);
    queue = wiring.queue(TaskKind.NOTIFICATION);
  }

  @Override
  CompletableFuture<Reply> answer(Request request) {
    PageRequest newest = PageRequest.first(NEWEST);
    Deadline deadline = request.deadline().ofPart();
    CompletableFuture<Page<Item>> newestItems = items.list(newest, deadline);
    CompletableFuture<Page<Task<Notification>>> newestNotifications =
        notifications.page(Optional.empty(), newest, deadline);
    CompletableFuture<Depth> depth = queue.depth(deadline);
    return CompletableFuture.allOf(newestItems, newestNotifications, depth)
        .thenApply(all ->
            reply(newestItems.resultNow(), newestNotifications.resultNow(), depth.resultNow()))
        .exceptionallyCompose(GetData::fail);
  }

  private static Reply reply(
      Page<Item> newestItems, Page<Task<Notification>> newestNotifications, Depth depth) {
    return Reply.of(
        200,
        json -> {
          json.writeStartObject();
          json.writeObjectPropertyStart("result");
          Listing.write(json, "items", newestItems.rows(), ItemJson::write);
          Listing.write(json, "notifications", newestNotifications.rows(), NotificationJson::write);
          json.writeObjectPropertyStart("queue");
          json.writeNumberProperty("queued", depth.queued());
          json.writeNumberProperty("inFlight", depth.inFlight());
          json.writeNumberProperty("delayed", depth.delayed());
          json.writeEndObject();
          json.writeEndObject();
          json.writeEndObject();
        });
  }

  private static CompletableFuture<Reply> fail(Throwable failure) {
    Problem problem = Problem.of(failure);
    return CompletableFuture.failedFuture(
        new ProblemException(
            problem.withDetail("Error occurred: " + problem.type().title()), failure));
  }
}

package dev.asyncitems.dynamodb;

import dev.asyncitems.call.Deadline;
import dev.asyncitems.call.Futures;
import dev.asyncitems.idempotency.Accepted;
import dev.asyncitems.idempotency.IdempotencyKey;
import dev.asyncitems.metric.Contention;
import dev.asyncitems.notification.Notification;
import dev.asyncitems.notification.NotificationId;
import dev.asyncitems.notification.NotificationStore;
import dev.asyncitems.notification.Status;
import dev.asyncitems.paging.Page;
import dev.asyncitems.paging.PageRequest;
import dev.asyncitems.paging.Position;
import dev.asyncitems.rejection.Result;
import dev.asyncitems.sdk.Calls;
import dev.asyncitems.trace.TraceContext;
import dev.asyncitems.value.Times;
import java.time.Clock;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import software.amazon.awssdk.enhanced.dynamodb.DynamoDbAsyncTable;
import software.amazon.awssdk.enhanced.dynamodb.DynamoDbEnhancedAsyncClient;
import software.amazon.awssdk.enhanced.dynamodb.Key;
import software.amazon.awssdk.services.dynamodb.DynamoDbAsyncClient;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;
import software.amazon.awssdk.services.dynamodb.model.ConditionalCheckFailedException;
import software.amazon.awssdk.services.dynamodb.model.ReturnValue;
import software.amazon.awssdk.services.dynamodb.model.ReturnValuesOnConditionCheckFailure;
import software.amazon.awssdk.services.dynamodb.model.UpdateItemRequest;

/**
 * Notifications in DynamoDB.
 *
 * <p>Their updates depend on the status or the turn that they change, so one that is sent again
 * finds its own effect and has no other. Safe for use by any number of threads.
 */
public final class DynamoNotifications implements NotificationStore {
  private final DynamoDbAsyncClient client;
  private final DynamoDbAsyncTable<NotificationRow> table;
  private final IndexPages<NotificationRow> timeline;
  private final IndexPages<NotificationRow> outboxIndex;
  private final IndexPages<NotificationRow> waiting;
  private final IdempotencyRecords<NotificationRow> idempotencyRecords;
  private final Shards shards;

  /**
   * @param idempotencyTable empty where nothing is added
   * @param shards of the timeline and of the outbox index
   * @param contention where conflicts and skipped rows are counted
   */
  public DynamoNotifications(
      DynamoDbAsyncClient client,
      String table,
      Optional<String> idempotencyTable,
      Shards shards,
      Contention contention,
      Clock clock) {
    this.client = client;
    this.shards = shards;
    DynamoDbEnhancedAsyncClient enhanced =
        DynamoDbEnhancedAsyncClient.builder().dynamoDbClient(client).extensions().build();
    this.table = enhanced.table(table, NotificationRow.SCHEMA);
    timeline =
        new IndexPages<>(
            this.table.index(Timeline.INDEX),
            shards,
            NotificationRow::id,
            NotificationRow::hasKey,
            contention);
    outboxIndex =
        new IndexPages<>(
            this.table.index(OutboxIndex.INDEX),
            shards,
            NotificationRow::attentionAt,
            NotificationRow::hasAttentionKey,
            contention);
    waiting =
        new IndexPages<>(
            this.table.index(OutboxIndex.INDEX),
            shards,
            NotificationRow::attentionAt,
            NotificationRow::waits,
            contention);
    idempotencyRecords =
        new IdempotencyRecords<>(
            enhanced, this.table, NotificationRow.class, idempotencyTable, clock);
  }

  @Override
  public CompletableFuture<Result<Accepted<Notification>>> add(
      Notification notification,
      TraceContext traceContext,
      Instant firstTurn,
      Optional<IdempotencyKey> idempotencyKey,
      Deadline deadline) {
    return idempotencyRecords
        .add(
            NotificationRow.queued(notification, traceContext, firstTurn, shards),
            idempotencyKey,
            deadline)
        .thenApply(result ->
            result.map(accepted ->
                new Accepted<>(accepted.value().toNotification(), accepted.replayed())));
  }

  @Override
  public CompletableFuture<Optional<Notification>> find(NotificationId id, Deadline deadline) {
    return Rows.find(table, id.value(), deadline)
        .thenApply(row -> row.map(NotificationRow::toNotification));
  }

  @Override
  public CompletableFuture<Page<Notification>> page(
      Optional<Status> status, PageRequest request, Deadline deadline) {
    return switch (status.orElse(Status.LOGGED)) {
      case QUEUED, FAILED -> needingAttention(status.orElseThrow(), request, deadline);
      case LOGGED ->
          all(request, deadline)
              .thenApply(
                  page -> page.filter(row -> status.isEmpty() || row.status() == Status.LOGGED));
    };
  }

  private CompletableFuture<Page<Notification>> all(PageRequest request, Deadline deadline) {
    return timeline
        .latest(
            request.limit(),
            shard -> Key.builder().partitionValue(shard),
            request.after().map(position -> position.id().toString()),
            deadline)
        .thenApply(merged ->
            IndexPages.page(merged, row -> Position.of(UUID.fromString(row.id())))
                .map(NotificationRow::toNotification));
  }

  private CompletableFuture<Page<Notification>> needingAttention(
      Status status, PageRequest request, Deadline deadline) {
    return outboxIndex
        .latest(
            request.limit(),
            shard -> Key.builder().partitionValue(OutboxIndex.partition(status, shard)),
            request
                .after()
                .map(position ->
                    OutboxIndex.at(position.time().orElse(Instant.EPOCH), position.id())),
            deadline)
        .thenApply(merged ->
            IndexPages.page(
                    merged,
                    row ->
                        Position.of(OutboxIndex.time(row.attentionAt()), UUID.fromString(row.id())))
                .map(NotificationRow::toNotification));
  }

  @Override
  public CompletableFuture<Logging> log(
      NotificationId id, Instant at, int attempts, Optional<Instant> expiresAt, Deadline deadline) {
    Map<String, AttributeValue> values = new HashMap<>();
    values.put(":queued", text(Status.QUEUED.text()));
    values.put(":failed", text(Status.FAILED.text()));
    values.put(":logged", text(Status.LOGGED.text()));
    values.put(":at", text(Times.text(at)));
    expiresAt.ifPresent(time -> values.put(":expiresAt", number(time.getEpochSecond())));
    String update =
        "#status = :logged, loggedAt = :at"
            + (expiresAt.isPresent() ? ", expiresAt = :expiresAt" : "")
            + " REMOVE attention, attentionAt, failure";
    return count(
        id,
        attempts,
        IS_OPEN,
        update,
        values,
        deadline,
        old ->
            Status.FAILED.text().equals(old.getOrDefault("status", NONE).s())
                ? Logging.REPLAYED
                : Logging.LOGGED,
        old -> old.isEmpty() ? Logging.UNKNOWN : Logging.ALREADY_LOGGED);
  }

  @Override
  public CompletableFuture<Boolean> fail(
      NotificationId id, String reason, Instant at, int attempts, Deadline deadline) {
    Map<String, AttributeValue> values = failed(id, reason, at);
    values.put(":queued", text(Status.QUEUED.text()));
    return count(
        id,
        attempts,
        "#status = :queued",
        "#status = :failed, failure = :reason, attention = :attention,"
            + " attentionAt = :attentionAt",
        values,
        deadline,
        old -> true,
        old -> false);
  }

  @Override
  public CompletableFuture<List<Waiting>> due(Instant now, int limit, Deadline deadline) {
    return waiting
        .earliest(
            limit,
            shard -> Key.builder().partitionValue(OutboxIndex.partition(Status.QUEUED, shard)),
            OutboxIndex.behind(now),
            deadline)
        .thenApply(merged -> merged.rows().stream().map(NotificationRow::toWaiting).toList());
  }

  @Override
  public CompletableFuture<Boolean> postpone(Waiting seen, Instant nextTurn, Deadline deadline) {
    Map<String, AttributeValue> values = seen(seen);
    values.put(":next", text(OutboxIndex.at(nextTurn, seen.id().value())));
    values.put(":turns", number(seen.turns() + 1));
    return update(
        seen.id(),
        WAITS_AS_SEEN,
        "SET attentionAt = :next, turns = :turns",
        values,
        deadline,
        old -> true,
        old -> false);
  }

  @Override
  public CompletableFuture<Boolean> giveUp(
      Waiting seen, String reason, Instant at, Deadline deadline) {
    Map<String, AttributeValue> values = seen(seen);
    values.putAll(failed(seen.id(), reason, at));
    return update(
        seen.id(),
        WAITS_AS_SEEN,
        "SET #status = :failed, failure = :reason, attention = :attention,"
            + " attentionAt = :attentionAt",
        values,
        deadline,
        old -> true,
        old -> false);
  }

  // A row without a known status that was not logged either is still to be logged.
  private static final String IS_OPEN =
      "#status IN (:queued, :failed) OR (attribute_exists(id) AND NOT #status = :logged"
          + " AND attribute_not_exists(loggedAt))";

  // By the place in the index, as the relay saw it: the status may be none that is known.
  private static final String WAITS_AS_SEEN =
      "begins_with(attention, :queued) AND attentionAt = :seen"
          + " AND NOT #status = :logged AND NOT #status = :failed";

  private static Map<String, AttributeValue> seen(Waiting seen) {
    Map<String, AttributeValue> values = new HashMap<>();
    values.put(":queued", text(OutboxIndex.partitions(Status.QUEUED)));
    values.put(":logged", text(Status.LOGGED.text()));
    values.put(":failed", text(Status.FAILED.text()));
    values.put(":seen", text(OutboxIndex.at(seen.turn(), seen.id().value())));
    return values;
  }

  private Map<String, AttributeValue> failed(NotificationId id, String reason, Instant at) {
    Map<String, AttributeValue> values = new HashMap<>();
    values.put(":failed", text(Status.FAILED.text()));
    values.put(":reason", text(reason));
    // The shard by today's number: any that is read will do, and numbers only grow.
    values.put(
        ":attention", text(OutboxIndex.partition(Status.FAILED, shards.ofMoved(id.value()))));
    values.put(":attentionAt", text(OutboxIndex.at(at, id.value())));
    return values;
  }

  /**
   * Does an update that counts attempts too. DynamoDB refuses to add to what is no number, and such
   * a row is counted anew.
   *
   * @param update what else to set, and to remove
   */
  private <T> CompletableFuture<T> count(
      NotificationId id,
      int attempts,
      String condition,
      String update,
      Map<String, AttributeValue> values,
      Deadline deadline,
      Function<Map<String, AttributeValue>, T> done,
      Function<Map<String, AttributeValue>, T> refused) {
    Map<String, AttributeValue> anew = new HashMap<>(values);
    anew.put(":attempts", number(attempts));
    Map<String, AttributeValue> more = new HashMap<>(anew);
    more.put(":none", number(0));
    String add = "SET attempts = if_not_exists(attempts, :none) + :attempts, ";
    String set = "SET attempts = :attempts, ";
    return update(id, condition, add + update, more, deadline, done, refused)
        .exceptionallyCompose(failure ->
            Calls.wasInvalid(failure)
                ? update(id, condition, set + update, anew, deadline, done, refused)
                : CompletableFuture.failedFuture(failure));
  }

  private <T> CompletableFuture<T> update(
      NotificationId id,
      String condition,
      String update,
      Map<String, AttributeValue> values,
      Deadline deadline,
      Function<Map<String, AttributeValue>, T> done,
      Function<Map<String, AttributeValue>, T> refused) {
    UpdateItemRequest request =
        UpdateItemRequest.builder()
            .tableName(table.tableName())
            .key(Map.of("id", text(id.toString())))
            .conditionExpression(condition)
            .updateExpression(update)
            .expressionAttributeNames(Map.of("#status", "status"))
            .expressionAttributeValues(values)
            .returnValues(ReturnValue.UPDATED_OLD)
            .returnValuesOnConditionCheckFailure(ReturnValuesOnConditionCheckFailure.ALL_OLD)
            .build();
    return Calls.start("DynamoDB", deadline, () -> client.updateItem(request))
        .thenApply(response -> done.apply(response.attributes()))
        .exceptionallyCompose(failure ->
            Futures.cause(failure) instanceof ConditionalCheckFailedException e
                ? CompletableFuture.completedFuture(refused.apply(e.item()))
                : CompletableFuture.failedFuture(failure));
  }

  private static final AttributeValue NONE = text("");

  private static AttributeValue text(String value) {
    return AttributeValue.fromS(value);
  }

  private static AttributeValue number(long value) {
    return AttributeValue.fromN(String.valueOf(value));
  }
}

package dev.asyncitems.dynamodb;

import dev.asyncitems.call.Deadline;
import dev.asyncitems.call.Futures;
import dev.asyncitems.sdk.Calls;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;
import software.amazon.awssdk.services.dynamodb.model.ConditionalCheckFailedException;
import software.amazon.awssdk.services.dynamodb.model.ReturnValue;
import software.amazon.awssdk.services.dynamodb.model.ReturnValuesOnConditionCheckFailure;
import software.amazon.awssdk.services.dynamodb.model.TransactWriteItem;
import software.amazon.awssdk.services.dynamodb.model.Update;
import software.amazon.awssdk.services.dynamodb.model.UpdateItemRequest;
import software.amazon.awssdk.services.dynamodb.model.UpdateItemResponse;

/**
 * A conditional update of one row that takes effect once, even if it is sent again after a lost
 * response. The update writes a token to the row. If the condition fails but the row has the token,
 * the update has taken effect already. Mutable and not thread-safe.
 */
final class RowUpdate {
  /** The attribute with the token of the row's last update. */
  static final String LAST_WRITE = "lastWrite";

  private final String token;
  private final Map<String, String> names = new HashMap<>();
  private final Map<String, AttributeValue> values = new HashMap<>();
  private final List<String> sets = new ArrayList<>();
  private final Map<String, Integer> counters = new LinkedHashMap<>();
  private final List<String> removes = new ArrayList<>();
  private String condition = "attribute_exists(id)";
  private ReturnValue returned = ReturnValue.UPDATED_OLD;

  /** Creates an update with the given token, which no other update may have. */
  RowUpdate(String token) {
    this.token = token;
    set(LAST_WRITE, token);
  }

  /** Creates an update with a random token. */
  RowUpdate() {
    this(newToken());
  }

  /** Returns a token that no other write has. */
  static String newToken() {
    return UUID.randomUUID().toString();
  }

  RowUpdate set(String attribute, String text) {
    return set(attribute, AttributeValue.fromS(text));
  }

  RowUpdate set(String attribute, AttributeValue value) {
    sets.add(name(attribute) + " = " + value(value));
    return this;
  }

  /** Adds to a number. A missing attribute, or one that is not a number, counts as 0. */
  RowUpdate add(String attribute, int amount) {
    counters.put(name(attribute), amount);
    return this;
  }

  RowUpdate remove(String... attributes) {
    for (String attribute : attributes) {
      removes.add(name(attribute));
    }
    return this;
  }

  /** Makes {@link #send} pass on the new values of the updated attributes, not the old ones. */
  RowUpdate returningNew() {
    returned = ReturnValue.UPDATED_NEW;
    return this;
  }

  /** Requires that the row has an attribute. */
  RowUpdate whenPresent(String attribute) {
    condition += " AND attribute_exists(" + name(attribute) + ")";
    return this;
  }

  /** Adds a comparison to the condition. */
  RowUpdate when(String attribute, Comparison comparison, String text) {
    condition +=
        " AND "
            + String.format(comparison.format, name(attribute), value(AttributeValue.fromS(text)));
    return this;
  }

  enum Comparison {
    IS("%s = %s"),
    /** The comparison also holds if the attribute is missing. */
    IS_NOT("(NOT %s = %s)"),
    BEGINS_WITH("begins_with(%s, %s)");

    private final String format;

    Comparison(String format) {
      this.format = format;
    }
  }

  /**
   * Sends the update.
   *
   * @param done makes the result after the update took effect; receives the old values of the
   *     updated attributes, or the row as it is now after a lost response
   * @param failed makes the result after a failed condition; receives the row, empty if missing
   */
  <T> CompletableFuture<T> send(
      DynamoDb dynamoDb,
      String table,
      UUID id,
      Deadline deadline,
      Function<Map<String, AttributeValue>, T> done,
      Function<Map<String, AttributeValue>, T> failed) {
    return call(dynamoDb, request(table, id, true), deadline)
        .exceptionallyCompose(failure ->
            // DynamoDB rejects an addition to a value that is not a number, so the retry sets 1.
            !counters.isEmpty() && Calls.wasInvalid(failure)
                ? call(dynamoDb, request(table, id, false), deadline)
                : CompletableFuture.failedFuture(failure))
        .thenApply(response -> done.apply(response.attributes()))
        .exceptionallyCompose(
            ifConditionFailed(row -> isOwn(row) ? done.apply(row) : failed.apply(row)));
  }

  /** Returns a handler that derives a result from the row if a write's condition failed. */
  static <T> Function<Throwable, CompletableFuture<T>> ifConditionFailed(
      Function<Map<String, AttributeValue>, T> result) {
    return failure ->
        Futures.cause(failure) instanceof ConditionalCheckFailedException e
            ? CompletableFuture.completedFuture(result.apply(e.item()))
            : CompletableFuture.failedFuture(failure);
  }

  /** Returns the update as an action of a transaction. */
  TransactWriteItem action(String table, UUID id) {
    UpdateItemRequest request = request(table, id, true);
    Update update =
        Update.builder()
            .tableName(table)
            .key(request.key())
            .conditionExpression(request.conditionExpression())
            .updateExpression(request.updateExpression())
            .expressionAttributeNames(request.expressionAttributeNames())
            .expressionAttributeValues(request.expressionAttributeValues())
            .returnValuesOnConditionCheckFailure(ReturnValuesOnConditionCheckFailure.ALL_OLD)
            .build();
    return TransactWriteItem.builder().update(update).build();
  }

  private static CompletableFuture<UpdateItemResponse> call(
      DynamoDb dynamoDb, UpdateItemRequest request, Deadline deadline) {
    return Calls.start("DynamoDB", deadline, () -> dynamoDb.client().updateItem(request));
  }

  /** Returns the request. It adds to counters if {@code countOn}, or else begins them anew. */
  UpdateItemRequest request(String table, UUID id, boolean countOn) {
    Map<String, AttributeValue> all = new HashMap<>(values);
    List<String> setsAndCounts = new ArrayList<>(sets);
    counters.forEach((counter, amount) -> {
      String added = ":n" + amount;
      all.put(added, AttributeValue.fromN(String.valueOf(amount)));
      if (countOn) {
        all.put(":n0", AttributeValue.fromN("0"));
      }
      setsAndCounts.add(
          counter + " = " + (countOn ? "if_not_exists(" + counter + ", :n0) + " + added : added));
    });
    return UpdateItemRequest.builder()
        .tableName(table)
        .key(Map.of("id", AttributeValue.fromS(id.toString())))
        .conditionExpression(condition)
        .updateExpression(
            "SET "
                + String.join(", ", setsAndCounts)
                + (removes.isEmpty() ? "" : " REMOVE " + String.join(", ", removes)))
        .expressionAttributeNames(names)
        .expressionAttributeValues(all)
        .returnValues(returned)
        .returnValuesOnConditionCheckFailure(ReturnValuesOnConditionCheckFailure.ALL_OLD)
        .build();
  }

  /** Returns whether this update was the row's last. */
  boolean isOwn(Map<String, AttributeValue> row) {
    AttributeValue last = row.get(LAST_WRITE);
    return last != null && token.equals(last.s());
  }

  private String name(String attribute) {
    names.put("#" + attribute, attribute);
    return "#" + attribute;
  }

  private String value(AttributeValue value) {
    String name = ":v" + values.size();
    values.put(name, value);
    return name;
  }
}

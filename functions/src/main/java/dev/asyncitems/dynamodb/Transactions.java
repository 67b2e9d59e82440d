package dev.asyncitems.dynamodb;

import dev.asyncitems.call.Deadline;
import dev.asyncitems.call.Futures;
import dev.asyncitems.call.ServiceError;
import dev.asyncitems.call.Unavailable;
import dev.asyncitems.sdk.Calls;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Collectors;
import software.amazon.awssdk.services.dynamodb.model.CancellationReason;
import software.amazon.awssdk.services.dynamodb.model.IdempotentParameterMismatchException;
import software.amazon.awssdk.services.dynamodb.model.TransactWriteItem;
import software.amazon.awssdk.services.dynamodb.model.TransactWriteItemsRequest;
import software.amazon.awssdk.services.dynamodb.model.TransactionCanceledException;
import software.amazon.awssdk.services.dynamodb.model.TransactionInProgressException;

/**
 * Transactions that take effect once. For ten minutes, DynamoDB recognises a repeated transaction
 * by its client token ("Managing complex workflows with DynamoDB transactions", idempotency). The
 * SDK does not retry cancelled transactions, so this class retries them after transient failures.
 */
final class Transactions {
  // A random token hardly ever meets another one. If this many do in a row, environments share a
  // seed.
  private static final int MAX_TOKENS = 4;

  private static final String CONDITION_FAILED = "ConditionalCheckFailed";

  private static final Set<String> TRANSIENT =
      Set.of(Calls.CONFLICT, "ThrottlingError", "ProvisionedThroughputExceeded");

  private Transactions() {}

  sealed interface Outcome {
    record Written() implements Outcome {}

    /** A condition failed, so nothing was changed. {@code reasons} has one element per action. */
    record ConditionFailed(List<CancellationReason> reasons) implements Outcome {
      boolean failed(int action) {
        return action < reasons.size() && CONDITION_FAILED.equals(reasons.get(action).code());
      }
    }

    /** Other writes or throttling cancelled the transaction, so nothing was changed. */
    record Busy() implements Outcome {}
  }

  /**
   * Sends a transaction, and repeats it while conflicts or throttling cancel it. The outcome is
   * never {@link Outcome.Busy}.
   */
  static CompletableFuture<Outcome> write(
      DynamoDb dynamoDb, Deadline deadline, List<TransactWriteItem> actions) {
    return new Sending(dynamoDb, deadline, actions, true).send(MAX_TOKENS);
  }

  /**
   * Sends a transaction that depends on an earlier read. After a conflict or throttling it is not
   * sent again, since the read may be stale. After a lost response it is sent again with the same
   * token, to learn whether it took effect.
   */
  static CompletableFuture<Outcome> tryOnce(
      DynamoDb dynamoDb, Deadline deadline, TransactWriteItem action) {
    return new Sending(dynamoDb, deadline, List.of(action), false).send(MAX_TOKENS);
  }

  private static String newToken() {
    return UUID.randomUUID().toString();
  }

  private record Sending(
      DynamoDb dynamoDb,
      Deadline deadline,
      Deadline patience,
      List<TransactWriteItem> actions,
      boolean untilWritten) {
    Sending(
        DynamoDb dynamoDb,
        Deadline deadline,
        List<TransactWriteItem> actions,
        boolean untilWritten) {
      this(dynamoDb, deadline, dynamoDb.retries().patience(deadline), actions, untilWritten);
    }

    /**
     * Sends the request with a new token. A token that another transaction has used is replaced,
     * since the request had no effect then.
     *
     * @param tokens the maximum number of tokens
     */
    CompletableFuture<Outcome> send(int tokens) {
      return send(newToken(), 1, new AtomicBoolean())
          .exceptionallyCompose(failure ->
              Futures.cause(failure) instanceof IdempotentParameterMismatchException e
                  ? otherToken(tokens - 1, e)
                  : CompletableFuture.failedFuture(failure));
    }

    private CompletableFuture<Outcome> otherToken(
        int tokens, IdempotentParameterMismatchException cause) {
      return tokens > 0
          ? send(tokens)
          : CompletableFuture.failedFuture(
              new Unavailable(
                  MAX_TOKENS
                      + " random client tokens in a row were in use: check that the kernel's"
                      + " random generator is reseeded after a restore",
                  cause));
    }

    /** Sends the request. {@code lost} means that a response with this token may have been lost. */
    private CompletableFuture<Outcome> send(String token, int attempt, AtomicBoolean lost) {
      TransactWriteItemsRequest request =
          TransactWriteItemsRequest.builder()
              .clientRequestToken(token)
              .transactItems(actions)
              .build();
      return Calls.start(
              "DynamoDB", deadline, lost, () -> dynamoDb.client().transactWriteItems(request))
          .<Outcome>thenApply(response -> new Outcome.Written())
          .exceptionallyCompose(failure ->
              switch (Futures.cause(failure)) {
                case TransactionCanceledException e when hasReason(e, CONDITION_FAILED) ->
                    CompletableFuture.completedFuture(
                        new Outcome.ConditionFailed(e.cancellationReasons()));
                case TransactionCanceledException e
                    when TRANSIENT.stream().anyMatch(reason -> hasReason(e, reason)) ->
                    untilWritten || lost.get()
                        ? again(token, attempt, lost)
                        : CompletableFuture.completedFuture(new Outcome.Busy());
                case TransactionInProgressException e ->
                    again(token, attempt, new AtomicBoolean(true));
                case TransactionCanceledException e ->
                    CompletableFuture.failedFuture(
                        new ServiceError("DynamoDB cancelled the transaction for " + codes(e), e));
                case Throwable other -> CompletableFuture.failedFuture(other);
              });
    }

    // If the transaction may have taken effect, only a retry can tell, so patience does not apply.
    private CompletableFuture<Outcome> again(String token, int attempt, AtomicBoolean lost) {
      return dynamoDb
          .retries()
          .pause(attempt, lost.get() ? deadline : patience)
          .thenCompose(next -> send(token, next, lost));
    }
  }

  private static boolean hasReason(TransactionCanceledException e, String code) {
    return e.cancellationReasons().stream().anyMatch(reason -> code.equals(reason.code()));
  }

  private static String codes(TransactionCanceledException e) {
    return e.cancellationReasons().stream()
        .map(CancellationReason::code)
        .collect(Collectors.joining(", "));
  }
}

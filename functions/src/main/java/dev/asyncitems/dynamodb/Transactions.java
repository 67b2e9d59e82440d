package dev.asyncitems.dynamodb;

import dev.asyncitems.call.Deadline;
import dev.asyncitems.call.Futures;
import dev.asyncitems.call.Retries;
import dev.asyncitems.call.ServiceError;
import dev.asyncitems.sdk.Calls;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import java.util.stream.Collectors;
import software.amazon.awssdk.services.dynamodb.model.CancellationReason;
import software.amazon.awssdk.services.dynamodb.model.IdempotentParameterMismatchException;
import software.amazon.awssdk.services.dynamodb.model.TransactionCanceledException;
import software.amazon.awssdk.services.dynamodb.model.TransactionInProgressException;

/**
 * Transactions that take effect once. For ten minutes, DynamoDB recognises a repeated transaction
 * by its client token ("Managing complex workflows with DynamoDB transactions", idempotency).
 *
 * <p>The SDK does not retry cancelled transactions. This class retries those with a transient
 * reason.
 */
final class Transactions {
  private static final Integer ONCE = 1;
  private static final String CONDITION_FAILED = "ConditionalCheckFailed";

  private static final Set<String> TRANSIENT =
      Set.of(Calls.CONFLICT, "ThrottlingError", "ProvisionedThroughputExceeded");

  private Transactions() {}

  /** The result of a transaction. */
  sealed interface Outcome {
    /** The transaction took effect. */
    record Written() implements Outcome {}

    /** Conditions failed, so nothing was changed. Each action has a reason. */
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
   *
   * @param send sends the transaction with a client token
   */
  static CompletableFuture<Outcome> write(
      Retries retries, Deadline deadline, Function<String, CompletableFuture<?>> send) {
    return new Sending(retries, deadline, send, true).send(newToken(), 1, true);
  }

  /**
   * Sends a transaction whose condition depends on an earlier read, which a conflict makes stale.
   * It is repeated only after a lost response, since the token then tells whether it took effect.
   *
   * @param send sends the transaction with a client token
   */
  static CompletableFuture<Outcome> tryOnce(
      Retries retries, Deadline deadline, Function<String, CompletableFuture<?>> send) {
    return new Sending(retries, deadline, send, false).send(newToken(), 1, true);
  }

  private static String newToken() {
    return UUID.randomUUID().toString();
  }

  private record Sending(
      Retries retries,
      Deadline deadline,
      Deadline patience,
      Function<String, CompletableFuture<?>> send,
      boolean untilWritten) {
    Sending(
        Retries retries,
        Deadline deadline,
        Function<String, CompletableFuture<?>> send,
        boolean untilWritten) {
      this(retries, deadline, retries.patience(deadline), send, untilWritten);
    }

    /** Sends once. {@code sure} says whether DynamoDB has answered every attempt with the token. */
    CompletableFuture<Outcome> send(String token, int attempt, boolean sure) {
      AtomicInteger calls = new AtomicInteger();
      return Calls.start(
              "DynamoDB",
              deadline,
              () -> {
                calls.incrementAndGet();
                return send.apply(token).<Outcome>thenApply(response -> new Outcome.Written());
              })
          .exceptionallyCompose(failure ->
              switch (Futures.cause(failure)) {
                case TransactionCanceledException e when hasReason(e, CONDITION_FAILED) ->
                    CompletableFuture.completedFuture(
                        new Outcome.ConditionFailed(e.cancellationReasons()));
                case TransactionCanceledException e
                    when TRANSIENT.stream().anyMatch(reason -> hasReason(e, reason)) -> {
                  boolean stillSure = sure && calls.get() == 1 && ONCE.equals(e.numAttempts());
                  yield stillSure && !untilWritten
                      ? CompletableFuture.completedFuture(new Outcome.Busy())
                      : again(token, attempt, stillSure);
                }
                case TransactionInProgressException e -> again(token, attempt, false);
                // Another transaction used the same token, so ours had no effect.
                case IdempotentParameterMismatchException e -> again(newToken(), attempt, true);
                case TransactionCanceledException e ->
                    CompletableFuture.failedFuture(
                        new ServiceError("DynamoDB cancelled the transaction for " + codes(e), e));
                case Throwable other -> CompletableFuture.failedFuture(other);
              });
    }

    // A transaction that may have taken effect is repeated until the deadline, to learn its
    // outcome.
    private CompletableFuture<Outcome> again(String token, int attempt, boolean sure) {
      return retries
          .pause(attempt, sure ? patience : deadline)
          .thenCompose(next -> send(token, next, sure));
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

package dev.asyncitems.aws;

import dev.asyncitems.kernel.Backoff;
import dev.asyncitems.kernel.Deadline;
import dev.asyncitems.kernel.Futures;
import dev.asyncitems.kernel.ServiceRefused;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import java.util.stream.Collectors;
import software.amazon.awssdk.services.dynamodb.model.CancellationReason;
import software.amazon.awssdk.services.dynamodb.model.TransactionCanceledException;
import software.amazon.awssdk.services.dynamodb.model.TransactionInProgressException;

/**
 * Writes with a single effect: DynamoDB does a transaction that is sent again with its client token
 * only once, for ten minutes ("Managing complex workflows with DynamoDB transactions",
 * idempotency).
 *
 * <p>The SDK does not retry a cancelled transaction, so it is done here where its reasons pass.
 */
final class Transactions {
  private static final String CONDITION_FAILED = "ConditionalCheckFailed";
  private static final String CONFLICT = "TransactionConflict";
  private static final Set<String> PASSING =
      Set.of(CONFLICT, "ThrottlingError", "ProvisionedThroughputExceeded");

  private Transactions() {}

  /** What became of a transaction. */
  sealed interface Outcome {
    /** It took effect. */
    record Written() implements Outcome {}

    /** It had no effect, since conditions failed; a reason for each of its actions. */
    record ConditionFailed(List<CancellationReason> reasons) implements Outcome {
      boolean failed(int action) {
        return CONDITION_FAILED.equals(reasons.get(action).code());
      }
    }
  }

  /**
   * Sends a transaction, again and again while conflicts or throttling cancel it, until shortly
   * before the deadline.
   *
   * @param send sends it with a client token
   */
  static CompletableFuture<Outcome> write(
      Deadline deadline, Function<String, CompletableFuture<?>> send) {
    return write(deadline, send, UUID.randomUUID().toString(), 1);
  }

  private static CompletableFuture<Outcome> write(
      Deadline deadline, Function<String, CompletableFuture<?>> send, String token, int attempt) {
    return Calls.start(
            "DynamoDB",
            deadline,
            () -> send.apply(token).<Outcome>thenApply(response -> new Outcome.Written()))
        .exceptionallyCompose(failure ->
            switch (Futures.cause(failure)) {
              case TransactionCanceledException e when hasReason(e, CONDITION_FAILED) ->
                  CompletableFuture.completedFuture(
                      new Outcome.ConditionFailed(e.cancellationReasons()));
              case TransactionCanceledException e
                  when PASSING.stream().anyMatch(reason -> hasReason(e, reason)) ->
                  again(deadline, send, token, attempt);
              case TransactionInProgressException e -> again(deadline, send, token, attempt);
              case TransactionCanceledException e ->
                  CompletableFuture.failedFuture(
                      new ServiceRefused("DynamoDB cancelled for " + codes(e), e));
              case Throwable other -> CompletableFuture.failedFuture(other);
            });
  }

  private static CompletableFuture<Outcome> again(
      Deadline deadline, Function<String, CompletableFuture<?>> send, String token, int attempt) {
    return Backoff.pause(attempt, deadline)
        .thenCompose(made -> write(deadline, send, token, made + 1));
  }

  /** Whether a transaction was cancelled for another that was under way. */
  static boolean conflicted(TransactionCanceledException e) {
    return hasReason(e, CONFLICT);
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

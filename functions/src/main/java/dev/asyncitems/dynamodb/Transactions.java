package dev.asyncitems.dynamodb;

import dev.asyncitems.call.Backoff;
import dev.asyncitems.call.Deadline;
import dev.asyncitems.call.Futures;
import dev.asyncitems.call.ServiceError;
import dev.asyncitems.sdk.Calls;
import java.time.Duration;
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
 * Writes with a single effect: DynamoDB does a transaction that is sent again with its client token
 * only once, for ten minutes ("Managing complex workflows with DynamoDB transactions",
 * idempotency).
 *
 * <p>The SDK does not retry a cancelled transaction, so it is done here where its reasons pass.
 */
final class Transactions {
  private static final Integer ONCE = 1;
  private static final String CONDITION_FAILED = "ConditionalCheckFailed";

  /** How long conflicts and throttling may delay a transaction. */
  private static final Duration PATIENCE = Duration.ofMillis(4_700);

  private static final Set<String> PASSING =
      Set.of(Calls.CONFLICT, "ThrottlingError", "ProvisionedThroughputExceeded");

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

    /** It had no effect, since other writes or throttling cancelled it. */
    record Busy() implements Outcome {}
  }

  /**
   * Sends a transaction, again and again while conflicts or throttling cancel it. Its outcome is
   * never {@link Outcome.Busy}.
   *
   * @param send sends it with a client token
   */
  static CompletableFuture<Outcome> write(
      Deadline deadline, Function<String, CompletableFuture<?>> send) {
    return new Sending(deadline, send, true).send(newToken(), 1, true);
  }

  /**
   * Sends a transaction whose condition names what was read, which a conflict makes stale. It is
   * sent again only where an answer was lost, since its token then tells whether it took effect.
   *
   * @param send sends it with a client token
   */
  static CompletableFuture<Outcome> tryOnce(
      Deadline deadline, Function<String, CompletableFuture<?>> send) {
    return new Sending(deadline, send, false).send(newToken(), 1, true);
  }

  private static String newToken() {
    return UUID.randomUUID().toString();
  }

  private record Sending(
      Deadline deadline,
      Deadline patience,
      Function<String, CompletableFuture<?>> send,
      boolean untilDone) {
    Sending(Deadline deadline, Function<String, CompletableFuture<?>> send, boolean untilDone) {
      this(deadline, deadline.orAfter(PATIENCE), send, untilDone);
    }

    /**
     * @param sure whether each time that the transaction was sent with the token, it was answered
     */
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
                    when PASSING.stream().anyMatch(reason -> hasReason(e, reason)) -> {
                  boolean stillSure = sure && calls.get() == 1 && ONCE.equals(e.numAttempts());
                  yield stillSure && !untilDone
                      ? CompletableFuture.completedFuture(new Outcome.Busy())
                      : again(token, attempt, stillSure);
                }
                case TransactionInProgressException e -> again(token, attempt, false);
                // somebody else's token: ours had no effect
                case IdempotentParameterMismatchException e -> again(newToken(), attempt, true);
                case TransactionCanceledException e ->
                    CompletableFuture.failedFuture(
                        new ServiceError("DynamoDB cancelled for " + codes(e), e));
                case Throwable other -> CompletableFuture.failedFuture(other);
              });
    }

    // What may have taken effect is worth the time that it takes to know.
    private CompletableFuture<Outcome> again(String token, int attempt, boolean sure) {
      return Backoff.pause(attempt, sure ? patience : deadline)
          .thenCompose(made -> send(token, made + 1, sure));
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

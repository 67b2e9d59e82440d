package dev.asyncitems.sdk;

import dev.asyncitems.call.Deadline;
import dev.asyncitems.call.DeadlineExceeded;
import dev.asyncitems.call.Futures;
import dev.asyncitems.call.ServiceError;
import dev.asyncitems.call.Unavailable;
import dev.asyncitems.metric.Contention;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import software.amazon.awssdk.awscore.AwsRequest;
import software.amazon.awssdk.awscore.AwsRequestOverrideConfiguration;
import software.amazon.awssdk.awscore.exception.AwsServiceException;
import software.amazon.awssdk.core.SdkRequest;
import software.amazon.awssdk.core.exception.ApiCallAttemptTimeoutException;
import software.amazon.awssdk.core.exception.NonRetryableException;
import software.amazon.awssdk.core.exception.SdkClientException;
import software.amazon.awssdk.core.interceptor.Context;
import software.amazon.awssdk.core.interceptor.ExecutionAttribute;
import software.amazon.awssdk.core.interceptor.ExecutionAttributes;
import software.amazon.awssdk.core.interceptor.ExecutionInterceptor;
import software.amazon.awssdk.services.dynamodb.model.ConditionalCheckFailedException;
import software.amazon.awssdk.services.dynamodb.model.IdempotentParameterMismatchException;
import software.amazon.awssdk.services.dynamodb.model.TransactionCanceledException;
import software.amazon.awssdk.services.dynamodb.model.TransactionConflictException;
import software.amazon.awssdk.services.dynamodb.model.TransactionInProgressException;

/**
 * Calls of the SDK: started within their deadline, and their failures in the ports' words. Safe for
 * use by any number of threads.
 */
public final class Calls {
  /** The code of the reason of a transaction that DynamoDB cancelled for another one under way. */
  public static final String CONFLICT = "TransactionConflict";

  /**
   * How long a call's first attempt may take. Each slow attempt is followed by one that may take
   * twice as long: a lost packet costs little time, and a service that is slow still answers.
   */
  private static final Duration FIRST_ATTEMPT = Duration.ofMillis(1_500);

  // The SDK asks its interceptors on the thread that starts the call; the enhanced client's
  // requests have no configuration of their own by which the limits could travel.
  private static final ScopedValue<Limits> LIMITS = ScopedValue.newInstance();

  private Calls() {}

  /**
   * The time limits of a call of the SDK.
   *
   * @param attempt how long one attempt may take
   * @param again whether a slow attempt was made before
   */
  private record Limits(Deadline deadline, Duration attempt, boolean again) {
    Limits afterASlowAttempt() {
      return new Limits(deadline, attempt.multipliedBy(2), true);
    }
  }

  /**
   * Starts a call, unless its time is up already. After a slow attempt it is made again while time
   * is left. All attempts end by the deadline, so none is made after it.
   *
   * @param service its name in the messages of failures, such as {@code DynamoDB}
   * @param call makes the call; called again after a slow attempt, which may have had its effect
   * @return fails with {@link Unavailable}, {@link DeadlineExceeded} or {@link ServiceError}, or
   *     with DynamoDB's own exception where a condition failed or a transaction was cancelled
   */
  public static <T> CompletableFuture<T> start(
      String service, Deadline deadline, Supplier<CompletableFuture<T>> call) {
    return deadline.passed()
        ? CompletableFuture.failedFuture(new DeadlineExceeded())
        : start(service, new Limits(deadline, FIRST_ATTEMPT, false), call);
  }

  private static <T> CompletableFuture<T> start(
      String service, Limits limits, Supplier<CompletableFuture<T>> call) {
    CompletableFuture<T> result;
    try {
      result = ScopedValue.where(LIMITS, limits).call(call::get);
    } catch (RuntimeException e) {
      result = CompletableFuture.failedFuture(e);
    }
    return result.exceptionallyCompose(failure -> {
      Throwable cause = Futures.cause(failure);
      return cause instanceof ApiCallAttemptTimeoutException && !limits.deadline().passed()
          ? start(service, limits.afterASlowAttempt(), call)
          : CompletableFuture.failedFuture(translate(service, cause, limits.deadline()));
    });
  }

  private static Throwable translate(String service, Throwable failure, Deadline deadline) {
    return switch (failure) {
      case ConditionalCheckFailedException e -> e;
      case TransactionCanceledException e -> e;
      case TransactionInProgressException e -> e;
      case IdempotentParameterMismatchException e -> e;
      case TransactionConflictException e -> new Unavailable(service + " saw a conflict", e);
      case SdkClientException e when deadline.passed() -> new DeadlineExceeded(service, e);
      case AwsServiceException e when e.isThrottlingException() || e.statusCode() >= 500 ->
          new Unavailable(service + " answered " + describe(e), e);
      case AwsServiceException e -> new ServiceError(service + " answered " + describe(e), e);
      case SdkClientException e -> new Unavailable(service + " could not be reached", e);
      default -> failure;
    };
  }

  /** Whether a service refused a call as invalid, which it also does for what a row holds. */
  public static boolean wasInvalid(Throwable failure) {
    return Futures.cause(failure) instanceof ServiceError refused
        && refused.getCause() instanceof AwsServiceException e
        && e.awsErrorDetails() != null
        && "ValidationException".equals(e.awsErrorDetails().errorCode());
  }

  private static String describe(AwsServiceException e) {
    String code = e.awsErrorDetails() == null ? "no code" : e.awsErrorDetails().errorCode();
    return e.statusCode() + " " + code;
  }

  /**
   * Ends a call, its retries included, by the deadline with which it was started, and counts them.
   */
  static final class Interceptor implements ExecutionInterceptor {
    private static final ExecutionAttribute<Deadline> ATTRIBUTE = attribute("Deadline");
    private static final ExecutionAttribute<Boolean> SENT = attribute("Sent");

    // The SDK takes a name once in a JVM, where the local run loads this class again and again.
    private static <T> ExecutionAttribute<T> attribute(String name) {
      return new ExecutionAttribute<>(name + " " + System.identityHashCode(Interceptor.class));
    }

    private final Contention contention;

    Interceptor(Contention contention) {
      this.contention = contention;
    }

    @Override
    public SdkRequest modifyRequest(
        Context.ModifyRequest context, ExecutionAttributes executionAttributes) {
      SdkRequest request = context.request();
      if (!(request instanceof AwsRequest awsRequest) || !LIMITS.isBound()) {
        return request;
      }
      Limits limits = LIMITS.get();
      executionAttributes.putAttribute(ATTRIBUTE, limits.deadline());
      if (limits.again()) {
        executionAttributes.putAttribute(SENT, true);
      }
      Duration left = limits.deadline().remaining().plusMillis(1);
      AwsRequestOverrideConfiguration.Builder override =
          awsRequest
              .overrideConfiguration()
              .map(AwsRequestOverrideConfiguration::toBuilder)
              .orElseGet(AwsRequestOverrideConfiguration::builder);
      return awsRequest.toBuilder()
          .overrideConfiguration(
              override
                  .apiCallTimeout(left)
                  .apiCallAttemptTimeout(
                      left.compareTo(limits.attempt()) < 0 ? left : limits.attempt())
                  .build())
          .build();
    }

    // A call that ran out of time is over for its caller, but the SDK still makes the attempt for
    // which it pauses just then.
    @Override
    public void beforeTransmission(
        Context.BeforeTransmission context, ExecutionAttributes executionAttributes) {
      Deadline deadline = executionAttributes.getAttribute(ATTRIBUTE);
      if (deadline != null && deadline.passed()) {
        throw NonRetryableException.create("the deadline has passed");
      }
      if (executionAttributes.getAttribute(SENT) != null) {
        contention.retry();
      }
      executionAttributes.putAttribute(SENT, true);
    }

    // Another's transaction was under way. The SDK sends no cancelled transaction again itself.
    @Override
    public void onExecutionFailure(
        Context.FailedExecution context, ExecutionAttributes executionAttributes) {
      switch (Futures.cause(context.exception())) {
        case TransactionConflictException e -> contention.conflict();
        case TransactionCanceledException e when hasConflict(e) -> contention.conflict();
        default -> {}
      }
    }

    private static boolean hasConflict(TransactionCanceledException e) {
      return e.cancellationReasons().stream().anyMatch(reason -> CONFLICT.equals(reason.code()));
    }
  }
}

package dev.asyncitems.sdk;

import dev.asyncitems.call.Deadline;
import dev.asyncitems.call.DeadlineExceeded;
import dev.asyncitems.call.Futures;
import dev.asyncitems.call.ServiceError;
import dev.asyncitems.call.Unavailable;
import dev.asyncitems.metric.Contention;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
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
 * Calls to AWS through the SDK. They start and end within a deadline and fail with the exceptions
 * of {@link dev.asyncitems.call}. Thread-safe.
 */
public final class Calls {
  /** The reason code of a transaction that was cancelled by a conflict with another write. */
  public static final String CONFLICT = "TransactionConflict";

  /**
   * The time limit of a call's first attempt. The limit doubles for each repeated attempt. So a
   * lost packet costs little time, and a slow service can still answer.
   */
  private static final Duration FIRST_ATTEMPT = Duration.ofMillis(1_500);

  // Passes the limits to the interceptor, which the SDK calls on the thread that starts the call.
  // Requests of the enhanced client cannot carry the limits.
  private static final ScopedValue<Limits> LIMITS = ScopedValue.newInstance();

  private Calls() {}

  /** The limits of a call. {@code again} means that an earlier attempt was slow. */
  private record Limits(Deadline deadline, AtomicBoolean lost, Duration attempt, boolean again) {
    Limits afterASlowAttempt() {
      return new Limits(deadline, lost, attempt.multipliedBy(2), true);
    }
  }

  /**
   * Starts a call and repeats it after a slow attempt. No attempt starts after the deadline.
   *
   * @param service the service's name in failure messages, such as {@code DynamoDB}
   * @param call makes the call; called again after a slow attempt, which may have taken effect
   * @return a future that fails with {@link Unavailable}, {@link DeadlineExceeded} or {@link
   *     ServiceError}, or with DynamoDB's own exception for a failed condition or a cancelled
   *     transaction
   */
  public static <T> CompletableFuture<T> start(
      String service, Deadline deadline, Supplier<CompletableFuture<T>> call) {
    return start(service, deadline, new AtomicBoolean(), call);
  }

  /**
   * Starts a write like {@link #start(String, Deadline, Supplier)}.
   *
   * @param lost becomes true when an attempt follows another one that the service did not reject.
   *     The earlier attempt may have taken effect, although its response was lost.
   */
  public static <T> CompletableFuture<T> start(
      String service, Deadline deadline, AtomicBoolean lost, Supplier<CompletableFuture<T>> call) {
    return deadline.passed()
        ? CompletableFuture.failedFuture(new DeadlineExceeded())
        : start(service, new Limits(deadline, lost, FIRST_ATTEMPT, false), call);
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
      case TransactionConflictException e -> new Unavailable(service + " reported a conflict", e);
      case SdkClientException e when deadline.passed() -> new DeadlineExceeded(service, e);
      case AwsServiceException e when e.isThrottlingException() || e.statusCode() >= 500 ->
          new Unavailable(service + " answered " + describe(e), e);
      case AwsServiceException e -> new ServiceError(service + " answered " + describe(e), e);
      case SdkClientException e -> new Unavailable(service + " could not be reached", e);
      default -> failure;
    };
  }

  /** Returns whether a conflict or throttling rejected a call, even after the SDK's retries. */
  public static boolean wasBusy(Throwable failure) {
    return Futures.cause(failure) instanceof Unavailable unavailable
        && unavailable.getCause() instanceof AwsServiceException e
        && (e instanceof TransactionConflictException || e.isThrottlingException());
  }

  /**
   * Returns whether a service rejected a call as invalid. DynamoDB does so if a call adds to an
   * attribute that is not a number.
   */
  public static boolean wasInvalid(Throwable failure) {
    return Futures.cause(failure) instanceof ServiceError error
        && error.getCause() instanceof AwsServiceException e
        && e.awsErrorDetails() != null
        && "ValidationException".equals(e.awsErrorDetails().errorCode());
  }

  private static String describe(AwsServiceException e) {
    String code = e.awsErrorDetails() == null ? "no code" : e.awsErrorDetails().errorCode();
    return e.statusCode() + " " + code;
  }

  /**
   * An interceptor that enforces the deadline, counts conflicts and retries, and notices lost
   * responses.
   */
  static final class Interceptor implements ExecutionInterceptor {
    private static final ExecutionAttribute<Limits> ATTRIBUTE = attribute("Limits");
    private static final ExecutionAttribute<Boolean> SENT = attribute("Sent");
    private static final ExecutionAttribute<Boolean> REJECTED = attribute("Rejected");

    // The SDK accepts an attribute's name once in a JVM, but the local run loads this class
    // repeatedly.
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
      executionAttributes.putAttribute(ATTRIBUTE, limits);
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

    // After a timeout, the SDK may still send a retry that it has already scheduled.
    @Override
    public void beforeTransmission(
        Context.BeforeTransmission context, ExecutionAttributes executionAttributes) {
      Limits limits = executionAttributes.getAttribute(ATTRIBUTE);
      if (limits != null && limits.deadline().passed()) {
        throw NonRetryableException.create("the deadline has passed");
      }
      if (executionAttributes.getAttribute(SENT) != null) {
        contention.retry();
        if (limits != null && !Boolean.TRUE.equals(executionAttributes.getAttribute(REJECTED))) {
          limits.lost().set(true);
        }
      }
      executionAttributes.putAttribute(SENT, true);
      executionAttributes.putAttribute(REJECTED, false);
    }

    // After an error of the service's own (5xx), the call may have taken effect.
    @Override
    public void afterTransmission(
        Context.AfterTransmission context, ExecutionAttributes executionAttributes) {
      executionAttributes.putAttribute(REJECTED, context.httpResponse().statusCode() / 100 == 4);
    }

    // The SDK does not retry after a conflict, so each conflict is counted here exactly once.
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

package dev.asyncitems.sdk;

import java.time.Duration;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import software.amazon.awssdk.awscore.exception.AwsServiceException;
import software.amazon.awssdk.awscore.retry.AwsRetryStrategy;
import software.amazon.awssdk.core.exception.ApiCallAttemptTimeoutException;
import software.amazon.awssdk.crt.CRT;
import software.amazon.awssdk.crt.CrtRuntimeException;
import software.amazon.awssdk.crt.http.HttpException;
import software.amazon.awssdk.retries.StandardRetryStrategy;
import software.amazon.awssdk.retries.api.AcquireInitialTokenRequest;
import software.amazon.awssdk.retries.api.AcquireInitialTokenResponse;
import software.amazon.awssdk.retries.api.RecordSuccessRequest;
import software.amazon.awssdk.retries.api.RecordSuccessResponse;
import software.amazon.awssdk.retries.api.RefreshRetryTokenRequest;
import software.amazon.awssdk.retries.api.RefreshRetryTokenResponse;
import software.amazon.awssdk.retries.api.RetryStrategy;
import software.amazon.awssdk.retries.api.TokenAcquisitionFailedException;

/**
 * The SDK's standard retries, but a connection that was closed doesn't count as an attempt where it
 * may be one that went stale while the environment was frozen: at most one for each call that was
 * answered before, and no more than the pool holds. What keeps a connection from being made counts:
 * a port that refuses, a name that isn't found, TLS that fails. A slow attempt is not retried here:
 * {@link Calls} makes the next, which may take longer. Thread-safe.
 */
final class ForgivingRetries implements RetryStrategy {
  // Without one, the next attempt is made on the CRT's thread, before that can see which other
  // connections are gone too.
  private static final Duration PAUSE = Duration.ofMillis(1);

  // By the CRT's names, since its numbers are nobody's promise. What a connection gives that the
  // other side has ended or forgotten: without TLS, and with it or where the pool knows already.
  private static final Set<String> CLOSED =
      Set.of("AWS_IO_SOCKET_CLOSED", "AWS_ERROR_HTTP_CONNECTION_CLOSED");

  private final StandardRetryStrategy counted;
  private final int connections;
  private final AtomicInteger maybeStale = new AtomicInteger();

  /**
   * Retries for one client.
   *
   * @param maxAttempts of a call, those on stale connections not counted
   * @param connections that the pool holds at most
   */
  ForgivingRetries(int maxAttempts, int connections) {
    counted = AwsRetryStrategy.standardRetryStrategy().toBuilder().maxAttempts(maxAttempts).build();
    this.connections = connections;
  }

  @Override
  public AcquireInitialTokenResponse acquireInitialToken(AcquireInitialTokenRequest request) {
    return counted.acquireInitialToken(request);
  }

  @Override
  public RefreshRetryTokenResponse refreshRetryToken(RefreshRetryTokenRequest request) {
    if (request.failure() instanceof ApiCallAttemptTimeoutException slow) {
      throw new TokenAcquisitionFailedException("a slow attempt", request.token(), slow);
    }
    if (request.failure() instanceof AwsServiceException) {
      answered();
    } else if (closed(request.failure())
        && maybeStale.getAndUpdate(left -> Math.max(0, left - 1)) > 0) {
      return RefreshRetryTokenResponse.create(request.token(), PAUSE);
    }
    return counted.refreshRetryToken(request);
  }

  @Override
  public RecordSuccessResponse recordSuccess(RecordSuccessRequest request) {
    answered();
    return counted.recordSuccess(request);
  }

  private void answered() {
    maybeStale.updateAndGet(before -> Math.min(connections, before + 1));
  }

  private static boolean closed(Throwable failure) {
    for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
      if (cause instanceof HttpException e) {
        return CLOSED.contains(CRT.awsErrorName(e.getErrorCode()));
      }
      // of a connection that the pool gave away just before it saw its end
      if (cause instanceof CrtRuntimeException e) {
        return CLOSED.contains(CRT.awsErrorName(e.errorCode));
      }
    }
    return false;
  }

  @Override
  public int maxAttempts() {
    return counted.maxAttempts();
  }

  @Override
  public boolean useClientDefaults() {
    return false; // AWS's conditions are in
  }

  @Override
  public StandardRetryStrategy.Builder toBuilder() {
    return counted.toBuilder();
  }
}

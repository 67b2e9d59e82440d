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
 * The SDK's standard retries, except that a stale connection costs no attempt. Connections become
 * stale while the environment is frozen. Each answered call earns one free retry after a closed
 * connection. The pool's size limits the number of unused free retries.
 *
 * <p>A failure to connect, such as a refused port, an unknown name or a TLS error, counts as an
 * attempt. Slow attempts are not retried here, because {@link Calls} repeats them. Thread-safe.
 */
final class ForgivingRetries implements RetryStrategy {
  // Without a pause, the retry runs on the CRT's thread before the CRT notices the other closed
  // connections.
  private static final Duration PAUSE = Duration.ofMillis(1);

  // Errors are matched by name, since the CRT does not promise stable numbers. The first name means
  // a closed connection without TLS. The second name means a closed connection with TLS, or a
  // connection that the pool knows to be closed.
  private static final Set<String> CLOSED =
      Set.of("AWS_IO_SOCKET_CLOSED", "AWS_ERROR_HTTP_CONNECTION_CLOSED");

  private final StandardRetryStrategy counted;
  private final int connections;
  private final AtomicInteger maybeStale = new AtomicInteger();

  /** Creates a strategy for a pool of connections. Free retries are not in {@code maxAttempts}. */
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
      throw new TokenAcquisitionFailedException(
          "Calls repeats slow attempts", request.token(), slow);
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
      // The CRT throws this exception if a connection closes just after it leaves the pool.
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
    return false; // AwsRetryStrategy includes the clients' defaults.
  }

  @Override
  public StandardRetryStrategy.Builder toBuilder() {
    return counted.toBuilder();
  }
}

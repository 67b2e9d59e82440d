package dev.asyncitems.sdk;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import software.amazon.awssdk.core.exception.SdkClientException;
import software.amazon.awssdk.crt.CRT;
import software.amazon.awssdk.crt.CrtRuntimeException;
import software.amazon.awssdk.crt.http.HttpException;
import software.amazon.awssdk.retries.api.AcquireInitialTokenRequest;
import software.amazon.awssdk.retries.api.RecordSuccessRequest;
import software.amazon.awssdk.retries.api.RefreshRetryTokenRequest;
import software.amazon.awssdk.retries.api.RetryToken;
import software.amazon.awssdk.retries.api.TokenAcquisitionFailedException;

/**
 * Checks which failures cost an attempt. ThawIT proves that real stale connections cause these
 * failures.
 */
final class ForgivingRetriesTest {
  private static final int MAX_ATTEMPTS = 4;
  private static final int CONNECTIONS = 6;

  private final ForgivingRetries retries = new ForgivingRetries(MAX_ATTEMPTS, CONNECTIONS);

  @ParameterizedTest
  @ValueSource(strings = {"AWS_IO_SOCKET_CLOSED", "AWS_ERROR_HTTP_CONNECTION_CLOSED"})
  void aConnectionThatWasClosedIsForgivenOnceForEachAnswer(String name) {
    answered(3);
    assertThat(attempts(new HttpException(code(name)))).isEqualTo(MAX_ATTEMPTS + 3);
    assertThat(attempts(new HttpException(code(name)))).isEqualTo(MAX_ATTEMPTS);
  }

  @Test
  void soIsOneThatThePoolGaveAwayClosed() {
    answered(3);
    var failure = new CrtRuntimeException(code("AWS_ERROR_HTTP_CONNECTION_CLOSED"));
    assertThat(attempts(failure)).isEqualTo(MAX_ATTEMPTS + 3);
  }

  @Test
  void noMoreAreForgivenThanThePoolHolds() {
    answered(10 * CONNECTIONS);
    var failure = new HttpException(code("AWS_IO_SOCKET_CLOSED"));
    assertThat(attempts(failure)).isEqualTo(MAX_ATTEMPTS + CONNECTIONS);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "AWS_IO_SOCKET_CONNECTION_REFUSED",
        "AWS_IO_SOCKET_NO_ROUTE_TO_HOST",
        "AWS_IO_SOCKET_TIMEOUT",
        "AWS_IO_DNS_INVALID_NAME",
        "AWS_IO_DNS_QUERY_FAILED",
        "AWS_IO_TLS_ERROR_NEGOTIATION_FAILURE",
        "AWS_IO_TLS_NEGOTIATION_TIMEOUT",
        "AWS_ERROR_HTTP_CONNECTION_MANAGER_ACQUISITION_TIMEOUT"
      })
  void oneThatCouldNotBeMadeIsNot(String name) {
    answered(3);
    assertThat(attempts(new HttpException(code(name)))).isEqualTo(MAX_ATTEMPTS);
  }

  private void answered(int times) {
    for (int i = 0; i < times; i++) {
      retries.recordSuccess(RecordSuccessRequest.create(token()));
    }
  }

  /**
   * Returns the number of attempts of a call that always fails with this error of the CRT client.
   */
  private int attempts(RuntimeException crt) {
    RetryToken token = token();
    for (int made = 1; ; made++) {
      try {
        token =
            retries
                .refreshRetryToken(
                    RefreshRetryTokenRequest.builder()
                        .token(token)
                        .failure(SdkClientException.create("", new IOException(crt)))
                        .build())
                .token();
      } catch (TokenAcquisitionFailedException e) {
        return made;
      }
    }
  }

  private RetryToken token() {
    return retries.acquireInitialToken(AcquireInitialTokenRequest.create("test")).token();
  }

  private static int code(String name) {
    return IntStream.range(0, 4_096)
        .filter(code -> name.equals(CRT.awsErrorName(code)))
        .findFirst()
        .orElseThrow();
  }
}

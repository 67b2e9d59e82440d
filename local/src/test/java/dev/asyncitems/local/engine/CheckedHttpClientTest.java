package dev.asyncitems.local.engine;

import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.ConnectException;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.http.ExecutableHttpRequest;
import software.amazon.awssdk.http.HttpExecuteRequest;
import software.amazon.awssdk.http.HttpExecuteResponse;
import software.amazon.awssdk.http.SdkHttpClient;
import software.amazon.awssdk.http.SdkHttpMethod;
import software.amazon.awssdk.http.SdkHttpRequest;

class CheckedHttpClientTest {

  private static final HttpExecuteRequest REQUEST =
      HttpExecuteRequest.builder()
          .request(
              SdkHttpRequest.builder()
                  .method(SdkHttpMethod.POST)
                  .protocol("http")
                  .host("127.0.0.1")
                  .build())
          .build();

  @Test
  void aFailedConnectionIsAnIoException() {
    try (SdkHttpClient http = new CheckedHttpClient(new Refused())) {
      assertThatExceptionOfType(ConnectException.class)
          .isThrownBy(() -> http.prepareRequest(REQUEST).call())
          .withMessage("refused");
    }
  }

  /** Fails like the SDK's client when a kept connection breaks and a new one is refused. */
  private record Refused() implements SdkHttpClient, ExecutableHttpRequest {

    @Override
    public ExecutableHttpRequest prepareRequest(HttpExecuteRequest request) {
      return this;
    }

    @Override
    public HttpExecuteResponse call() throws IOException {
      throw new UncheckedIOException(new ConnectException("refused"));
    }

    @Override
    public void abort() {}

    @Override
    public void close() {}
  }
}

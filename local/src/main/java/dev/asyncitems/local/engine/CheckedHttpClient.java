package dev.asyncitems.local.engine;

import java.io.IOException;
import java.io.UncheckedIOException;
import software.amazon.awssdk.http.ExecutableHttpRequest;
import software.amazon.awssdk.http.HttpExecuteRequest;
import software.amazon.awssdk.http.HttpExecuteResponse;
import software.amazon.awssdk.http.SdkHttpClient;

/**
 * An HTTP client that throws {@link IOException} instead of {@link UncheckedIOException}. The SDK
 * would neither retry nor wrap the unchecked exception.
 */
record CheckedHttpClient(SdkHttpClient client) implements SdkHttpClient {

  @Override
  public ExecutableHttpRequest prepareRequest(HttpExecuteRequest request) {
    return new CheckedRequest(client.prepareRequest(request));
  }

  @Override
  public String clientName() {
    return client.clientName();
  }

  @Override
  public void close() {
    client.close();
  }

  private record CheckedRequest(ExecutableHttpRequest request) implements ExecutableHttpRequest {

    @Override
    public HttpExecuteResponse call() throws IOException {
      try {
        return request.call();
      } catch (UncheckedIOException e) {
        throw e.getCause();
      }
    }

    @Override
    public void abort() {
      request.abort();
    }
  }
}

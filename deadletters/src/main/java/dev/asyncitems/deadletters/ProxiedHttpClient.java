package dev.asyncitems.deadletters;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.HttpURLConnection;
import java.net.Proxy;
import java.net.URI;
import java.util.regex.Pattern;
import software.amazon.awssdk.http.ExecutableHttpRequest;
import software.amazon.awssdk.http.HttpExecuteRequest;
import software.amazon.awssdk.http.SdkHttpClient;
import software.amazon.awssdk.http.urlconnection.UrlConnectionHttpClient;

/**
 * An HTTP client that calls loopback addresses directly. Other addresses go through the proxy in
 * {@code HTTPS_PROXY} or {@code HTTP_PROXY}, by the URL's scheme, unless {@code NO_PROXY} lists
 * them. The SDK's own client would use the proxy in {@code HTTP_PROXY} for every URL, even for
 * loopback addresses. Thread-safe.
 */
final class ProxiedHttpClient implements SdkHttpClient {
  private static final Pattern LOOPBACK =
      Pattern.compile("localhost|127(\\.\\d{1,3}){3}|\\[?::1]?", Pattern.CASE_INSENSITIVE);

  private final SdkHttpClient direct = UrlConnectionHttpClient.create(ProxiedHttpClient::directly);
  private final SdkHttpClient http = proxied("http");
  private final SdkHttpClient https = proxied("https");

  private static SdkHttpClient proxied(String scheme) {
    return UrlConnectionHttpClient.builder()
        .proxyConfiguration(proxy -> proxy.scheme(scheme))
        .build();
  }

  private static HttpURLConnection directly(URI uri) {
    try {
      return (HttpURLConnection) uri.toURL().openConnection(Proxy.NO_PROXY);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public ExecutableHttpRequest prepareRequest(HttpExecuteRequest request) {
    if (LOOPBACK.matcher(request.httpRequest().host()).matches()) {
      return direct.prepareRequest(request);
    }
    return (request.httpRequest().protocol().equals("https") ? https : http)
        .prepareRequest(request);
  }

  @Override
  public String clientName() {
    return direct.clientName();
  }

  @Override
  public void close() {
    direct.close();
    http.close();
    https.close();
  }
}

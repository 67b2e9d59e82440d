package dev.asyncitems.system;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpHeaders;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandler;
import java.net.http.HttpResponse.BodySubscribers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executors;
import java.util.zip.GZIPInputStream;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * A client of the API. It checks every answer, and every accepted request, against the contract.
 * Thread-safe.
 */
public final class Api {
  public static final JsonMapper JSON = new JsonMapper();

  private static final HttpClient CLIENT =
      HttpClient.newBuilder()
          .version(HttpClient.Version.HTTP_1_1)
          .executor(Executors.newVirtualThreadPerTaskExecutor())
          .build();

  /** Reads the body as text, and decompresses it if necessary. */
  private static final BodyHandler<String> TEXT =
      response ->
          BodySubscribers.mapping(
              BodySubscribers.ofByteArray(),
              bytes -> text(response.headers().firstValue("content-encoding").orElse(""), bytes));

  private final URI base;

  public Api(URI base) {
    this.base = base;
  }

  /** Returns the base address of the API. */
  URI base() {
    return base;
  }

  /** An answer of the API. */
  public record Answer(HttpResponse<String> response) {
    public int status() {
      return response.statusCode();
    }

    public String header(String name) {
      return response.headers().firstValue(name).orElse("");
    }

    public String text() {
      return response.body();
    }

    public JsonNode json() {
      return JSON.readTree(response.body());
    }

    /** Returns a member of the body as text. */
    public String text(String member) {
      return json().required(member).asString();
    }

    @Override
    public String toString() {
      return status() + " " + response.headers().map() + " " + response.body();
    }
  }

  public Answer get(String path, String... headers) throws IOException, InterruptedException {
    return send("GET", path, "", headers);
  }

  /** Sends text. The request has a Content-Type only if the headers contain one. */
  public Answer send(String method, String path, String body, String... headers)
      throws IOException, InterruptedException {
    return checked(CLIENT.send(request(method, path, body, headers), TEXT), body);
  }

  /** Sends a request that the local run itself rejects, with an answer outside the contract. */
  Answer rejectedByTheRun(String path, String... headers) throws IOException, InterruptedException {
    return new Answer(CLIENT.send(request("GET", path, "", headers), TEXT));
  }

  /** Asks like a browser (Fetch Standard, 4.8) whether a page of this origin may send a POST. */
  Answer preflight(String origin, String path, String headers)
      throws IOException, InterruptedException {
    return send(
        "OPTIONS",
        path,
        "",
        "Origin",
        origin,
        "Access-Control-Request-Method",
        "POST",
        "Access-Control-Request-Headers",
        headers);
  }

  public Answer sendBytes(String method, String path, byte[] body, String... headers)
      throws IOException, InterruptedException {
    HttpRequest request =
        builder(path, headers).method(method, BodyPublishers.ofByteArray(body)).build();
    return checked(CLIENT.send(request, TEXT), new String(body, StandardCharsets.UTF_8));
  }

  public CompletableFuture<Answer> sendAsync(
      String method, String path, String body, String... headers) {
    return CLIENT
        .sendAsync(request(method, path, body, headers), TEXT)
        .thenApply(response -> checked(response, body));
  }

  private static String text(String encoding, byte[] body) {
    try (InputStream content =
        encoding.equals("gzip") && body.length > 0
            ? new GZIPInputStream(new ByteArrayInputStream(body))
            : new ByteArrayInputStream(body)) {
      return new String(content.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private Answer checked(HttpResponse<String> response, String body) {
    HttpRequest request = response.request();
    String query = request.uri().getRawQuery();
    Contract.served()
        .check(
            new Contract.Request(
                request.method(),
                request.uri().getRawPath().substring(base.getRawPath().length()),
                query == null ? "" : query,
                lowerCase(request.headers()),
                body),
            new Contract.Answer(
                response.statusCode(), lowerCase(response.headers()), response.body()));
    return new Answer(response);
  }

  private static Map<String, String> lowerCase(HttpHeaders headers) {
    Map<String, String> all = new TreeMap<>();
    headers
        .map()
        .forEach(
            (name, values) -> all.put(name.toLowerCase(Locale.ROOT), String.join(", ", values)));
    return all;
  }

  private HttpRequest request(String method, String path, String body, String... headers) {
    return builder(path, headers)
        .method(method, body.isEmpty() ? BodyPublishers.noBody() : BodyPublishers.ofString(body))
        .build();
  }

  private HttpRequest.Builder builder(String path, String... headers) {
    HttpRequest.Builder builder =
        HttpRequest.newBuilder(URI.create(base + path))
            .timeout(Duration.ofSeconds(40))
            .header("X-Canary", LogLines.CANARY);
    return headers.length == 0 ? builder : builder.headers(headers);
  }
}

package dev.asyncitems.local;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.asyncitems.local.issuer.TokenIssuer;
import dev.asyncitems.local.template.TemplateException;
import java.io.IOException;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Routes with a JWT authorizer, and the token issuer. */
class AccessIT {
  private static final Path SMALL = Path.of("src/test/resources/small.yaml");
  private static final JsonMapper JSON = new JsonMapper();

  private static TestIssuer issuer;
  private static LocalRun run;
  private static HttpClient http;

  @BeforeAll
  static void start() throws Exception {
    Instant now = Instant.parse("2026-01-02T03:04:05Z");
    issuer = new TestIssuer(now);
    run =
        LocalRun.of(SMALL)
            .withoutPollers()
            .clock(new SettableClock(now))
            .parameter("Issuer", issuer.uri().toString())
            .start();
    http = HttpClient.newHttpClient();
  }

  @AfterAll
  static void close() {
    http.close();
    run.close();
    issuer.close();
  }

  @Test
  void theFunctionGetsTheClaimsAndTheMatchingScopes() throws Exception {
    HttpResponse<String> response = get("/private/7", "Bearer " + issuer.token(claims -> {}));

    assertThat(response.statusCode()).isEqualTo(200);
    JsonNode jwt = JSON.readTree(response.body()).at("/event/requestContext/authorizer/jwt");
    assertThat(jwt.at("/claims/sub").asText()).isEqualTo("somebody");
    assertThat(jwt.path("scopes").toString()).isEqualTo("[\"things:read\"]");
  }

  @Test
  void aMissingOrWrongTokenIsA401() throws Exception {
    for (String header :
        new String[] {"", "Bearer x", issuer.token(claims -> claims.audience("x"))}) {
      HttpResponse<String> response = get("/private/7", header);
      assertThat(response.statusCode()).isEqualTo(401);
      assertThat(response.body()).isEqualTo("{\"message\":\"Unauthorized\"}");
      assertThat(response.headers().firstValue("www-authenticate")).contains("Bearer");
    }
  }

  @Test
  void aMissingScopeIsA403() throws Exception {
    HttpResponse<String> response =
        get("/private/7", issuer.token(claims -> claims.claim("scope", "things:write")));

    assertThat(response.statusCode()).isEqualTo(403);
    assertThat(response.body()).isEqualTo("{\"message\":\"Forbidden\"}");
    assertThat(response.headers().firstValue("www-authenticate").orElse(""))
        .contains("insufficient_scope", "things:read things:all");
  }

  @Test
  void aRouteWithoutAnAuthorizerNeedsNoToken() throws Exception {
    HttpResponse<String> response = get("/things/7", "Bearer x");

    assertThat(response.statusCode()).isEqualTo(200);
    assertThat(JSON.readTree(response.body()).at("/event/requestContext").has("authorizer"))
        .isFalse();
  }

  @Test
  void aTokenOfNineKilobytesIsNotA5xx() throws Exception {
    assertThat(get("/private/7", "Bearer " + "x".repeat(9_000)).statusCode()).isEqualTo(401);
    assertThat(get("/private/7", "Bearer " + "x".repeat(11_000)).statusCode()).isEqualTo(431);
  }

  @Test
  void theRunIssuesTokensAtAFreeLoopbackAddress() throws Exception {
    URI address = URI.create("http://localhost:" + freePort() + "/issuer");
    try (LocalRun own = run(address)) {
      assertThat(own.tokenIssuers()).extracting(TokenIssuer::uri).containsExactly(address);
      TokenIssuer issuing = own.tokenIssuers().getFirst();
      assertThat(get(own, "/private/7", "Bearer " + issuing.token()).statusCode()).isEqualTo(200);

      JsonNode given = given(issuing, "sub=ann&scope=things%3Aread+other");
      assertThat(given.path("token_type").asText()).isEqualTo("Bearer");
      assertThat(given.path("scope").asText()).isEqualTo("things:read other");
      HttpResponse<String> response =
          get(own, "/private/7", "Bearer " + given.path("access_token").asText());
      assertThat(response.statusCode()).isEqualTo(200);
      assertThat(
              JSON.readTree(response.body())
                  .at("/event/requestContext/authorizer/jwt/claims/sub")
                  .asText())
          .isEqualTo("ann");

      String other = given(issuing, "scope=other&%zz=1").path("access_token").asText();
      assertThat(get(own, "/private/7", "Bearer " + other).statusCode()).isEqualTo(403);
    }
  }

  @Test
  void aSlowClientOfTheIssuerDelaysNoOtherClient() throws Exception {
    try (Socket slow = new Socket(issuer.uri().getHost(), issuer.uri().getPort())) {
      slow.getOutputStream()
          .write(
              "POST /token HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9\r\n\r\ns"
                  .getBytes(UTF_8));

      HttpRequest keys =
          HttpRequest.newBuilder(issuer.uri().resolve("/keys"))
              .timeout(Duration.ofSeconds(10))
              .build();
      assertThat(http.send(keys, BodyHandlers.ofString()).statusCode()).isEqualTo(200);
    }
  }

  @ParameterizedTest
  @CsvSource({"evil.example:3080, 403", "localhost.evil.example, 403", "LOCALHOST, 200"})
  void theIssuerAnswersToLoopbackNamesOnly(String host, int status) throws Exception {
    try (Socket socket = new Socket(issuer.uri().getHost(), issuer.uri().getPort())) {
      socket
          .getOutputStream()
          .write(
              ("GET /keys HTTP/1.1\r\nHost: " + host + "\r\nConnection: close\r\n\r\n")
                  .getBytes(UTF_8));
      assertThat(new String(socket.getInputStream().readAllBytes(), UTF_8))
          .startsWith("HTTP/1.1 " + status + " ");
    }
  }

  @Test
  void usesAnIssuerThatAlreadyListens() {
    try (LocalRun own = run(issuer.uri())) {
      assertThat(own.tokenIssuers()).isEmpty();
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "http://localhost:99999",
        "http://localhost:0",
        "https://issuer.example:65536",
        "http://localhost:99999999999",
        "http://[",
      })
  void anIssuerWithoutAValidPortIsRejectedBeforeAnythingStarts(String issuer) {
    assertThatExceptionOfType(TemplateException.class)
        .isThrownBy(() -> LocalRun.of(SMALL).parameter("Issuer", issuer).start())
        .withMessage(
            "Resources.Tokens.Properties.JwtConfiguration.Issuer: '"
                + issuer
                + "' is not the URL of an issuer.");
  }

  private static LocalRun run(URI issuer) {
    return LocalRun.of(SMALL).withoutPollers().parameter("Issuer", issuer.toString()).start();
  }

  private static JsonNode given(TokenIssuer issuer, String form) throws Exception {
    HttpRequest request =
        HttpRequest.newBuilder(issuer.tokenEndpoint())
            .header("Content-Type", "application/x-www-form-urlencoded")
            .POST(HttpRequest.BodyPublishers.ofString(form))
            .build();
    return JSON.readTree(http.send(request, BodyHandlers.ofString()).body());
  }

  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0)) {
      return socket.getLocalPort();
    }
  }

  private static HttpResponse<String> get(String path, String authorization) throws Exception {
    return get(run, path, authorization);
  }

  private static HttpResponse<String> get(LocalRun run, String path, String authorization)
      throws Exception {
    HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(run.uri() + path));
    if (!authorization.isEmpty()) {
      request.header("Authorization", authorization);
    }
    return http.send(request.build(), BodyHandlers.ofString());
  }
}

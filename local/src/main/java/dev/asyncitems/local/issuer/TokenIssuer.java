package dev.asyncitems.local.issuer;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JOSEObjectType;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.crypto.RSASSASigner;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.KeyUse;
import com.nimbusds.jose.jwk.RSAKey;
import com.nimbusds.jose.jwk.gen.RSAKeyGenerator;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.SignedJWT;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.asyncitems.local.http.Guard;
import dev.asyncitems.local.json.Json;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.Date;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/**
 * A token issuer for development and tests, on a loopback address. It gives a token to every
 * caller, and signs tokens with a generated key. It serves its OpenID configuration, its keys and a
 * token endpoint (RFC 6749, section 4.4). Thread-safe.
 */
public final class TokenIssuer implements AutoCloseable {
  public static final Duration LIFE = Duration.ofHours(12);

  private static final int FORM_BYTES = 64 * 1024;

  private final URI uri;
  private final List<String> audiences;
  private final List<String> scopes;
  private final Clock clock;
  private final RSAKey key;
  private final HttpServer server;
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();

  /**
   * Starts to listen.
   *
   * @param address a loopback address with scheme {@code http}, with or without a path; port 0
   *     takes a free port
   * @param audiences the audiences of its tokens
   * @param scopes the scopes of a token if the request names none
   * @throws IOException if the issuer cannot listen, for example because the port is taken
   */
  public TokenIssuer(URI address, List<String> audiences, List<String> scopes, Clock clock)
      throws IOException {
    this.audiences = List.copyOf(audiences);
    this.scopes = List.copyOf(scopes);
    this.clock = clock;
    key = newKey();
    InetAddress host = InetAddress.getByName(address.getHost());
    server =
        HttpServer.create(
            new InetSocketAddress(host, address.getPort() < 0 ? 80 : address.getPort()), 0);
    uri =
        address.getPort() == 0
            ? URI.create("http://" + address.getHost() + ":" + server.getAddress().getPort())
            : address;
    server.setExecutor(threads);
    server.createContext("/", this::answerOrFail);
    server.start();
  }

  private static RSAKey newKey() {
    try {
      return new RSAKeyGenerator(2048)
          .keyID(UUID.randomUUID().toString())
          .keyUse(KeyUse.SIGNATURE)
          .algorithm(JWSAlgorithm.RS256)
          .generate();
    } catch (JOSEException e) {
      throw new IllegalStateException(e); // Every JDK has RSA.
    }
  }

  /** Returns the issuer's URI. It is also the address that the issuer listens on. */
  public URI uri() {
    return uri;
  }

  /** Returns the URI that accepts a form with {@code sub} and {@code scope} by {@code POST}. */
  public URI tokenEndpoint() {
    return URI.create(uri.toString().replaceFirst("/$", "") + "/token");
  }

  public RSAKey key() {
    return key;
  }

  /** Returns a token for the subject "somebody" with the default scopes. */
  public String token() {
    return token("somebody", scopes);
  }

  public String token(String subject, List<String> itsScopes) {
    return sign(claims(subject, itsScopes).build());
  }

  /** Returns the claims of a token for this subject with these scopes. */
  public JWTClaimsSet.Builder claims(String subject, List<String> itsScopes) {
    Instant now = clock.instant();
    return new JWTClaimsSet.Builder()
        .issuer(uri.toString())
        .subject(subject)
        .audience(audiences)
        .issueTime(Date.from(now))
        .expirationTime(Date.from(now.plus(LIFE)))
        .claim("scope", String.join(" ", itsScopes));
  }

  /** Returns a token with exactly these claims. */
  public String sign(JWTClaimsSet claims) {
    SignedJWT token =
        new SignedJWT(
            new JWSHeader.Builder(JWSAlgorithm.RS256)
                .type(JOSEObjectType.JWT)
                .keyID(key.getKeyID())
                .build(),
            claims);
    try {
      token.sign(new RSASSASigner(key));
    } catch (JOSEException e) {
      throw new IllegalStateException(e); // Signing RS256 with an RSA key does not fail.
    }
    return token.serialize();
  }

  /** Answers a request, or sends 500 after an exception. The JDK's server would send nothing. */
  private void answerOrFail(HttpExchange exchange) throws IOException {
    try {
      answer(exchange);
    } catch (RuntimeException e) {
      System.err.println("The token issuer at " + uri + " failed:");
      e.printStackTrace();
      respond(exchange, 500, Map.of("error", "server_error", "error_description", e.toString()));
    }
  }

  private void answer(HttpExchange exchange) throws IOException {
    Optional<String> rejection =
        Guard.LOOPBACK.rejection(
            name -> exchange.getRequestHeaders().getOrDefault(name, List.of()));
    String base = uri.getPath().replaceFirst("/$", "");
    String path = exchange.getRequestURI().getPath();
    if (rejection.isPresent()) {
      respond(
          exchange, 403, Map.of("error", "access_denied", "error_description", rejection.get()));
    } else if (path.equals(base + "/.well-known/openid-configuration")) {
      respond(exchange, 200, configuration());
    } else if (path.equals(base + "/keys")) {
      respond(exchange, 200, new JWKSet(key.toPublicJWK()).toJSONObject());
    } else if (path.equals(base + "/token")) {
      giveToken(exchange);
    } else {
      respond(exchange, 404, Map.of("error", "not found"));
    }
  }

  private Map<String, Object> configuration() {
    return Map.of(
        "issuer", uri.toString(),
        "jwks_uri", uri.toString().replaceFirst("/$", "") + "/keys",
        "token_endpoint", tokenEndpoint().toString(),
        "grant_types_supported", List.of("client_credentials"));
  }

  private void giveToken(HttpExchange exchange) throws IOException {
    if (!exchange.getRequestMethod().equals("POST")) {
      exchange.getResponseHeaders().set("Allow", "POST");
      respond(exchange, 405, Map.of("error", "invalid_request"));
      return;
    }
    byte[] body = exchange.getRequestBody().readNBytes(FORM_BYTES);
    Map<String, String> form = form(new String(body, StandardCharsets.UTF_8));
    List<String> wanted =
        form.containsKey("scope")
            ? Arrays.stream(form.get("scope").split(" ")).filter(s -> !s.isEmpty()).toList()
            : scopes;
    String subject = form.getOrDefault("sub", form.getOrDefault("client_id", "somebody"));
    exchange.getResponseHeaders().set("Cache-Control", "no-store");
    respond(
        exchange,
        200,
        Map.of(
            "access_token", token(subject, wanted),
            "token_type", "Bearer",
            "expires_in", LIFE.toSeconds(),
            "scope", String.join(" ", wanted)));
  }

  private static Map<String, String> form(String body) {
    Map<String, String> form = new LinkedHashMap<>();
    for (String pair : body.split("&", -1)) {
      int equals = pair.indexOf('=');
      if (equals > 0) {
        try {
          form.put(
              URLDecoder.decode(pair.substring(0, equals), StandardCharsets.UTF_8),
              URLDecoder.decode(pair.substring(equals + 1), StandardCharsets.UTF_8));
        } catch (IllegalArgumentException e) {
          // A malformed pair is ignored.
        }
      }
    }
    return form;
  }

  private static void respond(HttpExchange exchange, int status, Object document)
      throws IOException {
    byte[] json = Json.bytes(document);
    exchange.getResponseHeaders().set("Content-Type", "application/json");
    exchange.sendResponseHeaders(status, json.length);
    exchange.getResponseBody().write(json);
    exchange.close();
  }

  @Override
  public void close() {
    server.stop(0);
    threads.shutdownNow();
  }
}

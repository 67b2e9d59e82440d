package dev.asyncitems.system;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.crypto.MACSigner;
import com.nimbusds.jose.crypto.RSASSASigner;
import com.nimbusds.jose.jwk.RSAKey;
import com.nimbusds.jose.jwk.gen.RSAKeyGenerator;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.PlainJWT;
import com.nimbusds.jwt.SignedJWT;
import dev.asyncitems.local.LocalRun;
import dev.asyncitems.local.issuer.TokenIssuer;
import dev.asyncitems.system.Api.Answer;
import java.net.URI;
import java.security.PublicKey;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Date;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Access with tokens. The test runs against the local run or, with {@code -Dapi.url} and {@code
 * -Dapi.tests=access}, against a deployment. The address of the deployment's issuer is then {@code
 * -Dissuer}, and this test listens there.
 */
@Tag("access")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class AccessIT {
  private static final String AUDIENCE = "async-items";
  private static final String PAGE = "https://page.example";
  private static final String ID = "019bc0fd-8a3b-73a5-9c4e-8b2d6f90a173";

  /** What the scopes in the tokens begin with, as with Amazon Cognito. */
  private static final String PREFIX = "https://api.example.com/";

  private static final List<String> ALL =
      Contract.served().operations().stream()
          .flatMap(operation -> operation.scopes().stream())
          .flatMap(List::stream)
          .distinct()
          .map(scope -> PREFIX + scope)
          .toList();

  private TokenIssuer issuer;
  private @Nullable LocalRun run;
  private Api api;

  @BeforeAll
  void start() throws Exception {
    URI address = URI.create(System.getProperty("issuer", "http://127.0.0.1:0"));
    issuer = new TokenIssuer(address, List.of(AUDIENCE), ALL, Clock.systemUTC());
    if (Gateway.current() == Gateway.LOCAL_RUN) {
      run =
          Lane.run()
              .withoutPollers()
              .parameter("Access", "jwt")
              .parameter("JwtIssuer", issuer.uri().toString())
              .parameter("JwtAudience", AUDIENCE)
              .parameter("ScopePrefix", PREFIX)
              .parameter("CorsAllowedOrigins", PAGE)
              .start();
      api = new Api(run.uri());
    } else {
      api = new Api(Gateway.uri());
    }
  }

  @AfterAll
  void close() {
    if (run != null) {
      run.close();
    }
    issuer.close();
  }

  // ---- accepted tokens

  @Test
  void aGoodTokenIsLetIn() throws Exception {
    String token = issuer.token();

    for (String header : List.of("Bearer " + token, "bearer " + token, token)) {
      assertThat(api.get("/items", "Authorization", header).status()).isEqualTo(200);
    }
  }

  @Test
  void theContractAndItsPagesAreOpen() throws Exception {
    for (String path : List.of("/openapi.json", "/docs", "/docs/page.css", "/problems/not-found")) {
      assertThat(api.get(path).status()).as(path).isEqualTo(200);
    }
  }

  @Test
  void aPreflightRequestNeedsNoTokenAndMayAnnounceOne() throws Exception {
    Gateway.notApplicable(Gateway.MINISTACK, true, "it forgets a stack's CorsConfiguration");
    Answer answer = api.preflight(PAGE, "/items", "authorization");

    assertThat(answer.status()).isBetween(200, 204);
    assertThat(answer.header("Access-Control-Allow-Origin")).isEqualTo(PAGE);
    assertThat(answer.header("Access-Control-Allow-Headers")).contains("authorization");
  }

  /**
   * Each subject has its own idempotency records. Another subject may use the same key, and learns
   * nothing.
   */
  @Test
  void anIdempotencyKeyIsItsSubjectsOwn() throws Exception {
    String key = UUID.randomUUID().toString();

    Answer ann = create("ann", key, "Anns lamp");
    Answer bob = create("bob", key, "Bobs lamp");
    Answer annAgain = create("ann", key, "Anns lamp");

    assertThat(List.of(ann.status(), bob.status(), annAgain.status())).containsOnly(201);
    assertThat(bob.text("name")).isEqualTo("Bobs lamp");
    assertThat(bob.header("Idempotent-Replayed")).isEmpty();
    assertThat(annAgain.text("id")).isEqualTo(ann.text("id"));
    assertThat(annAgain.header("Idempotent-Replayed")).isEqualTo("true");
  }

  /** Tokens of clients without a user have a subject with most issuers, but not with all. */
  @Test
  void withoutASubjectItIsItsClientsOwn() throws Exception {
    String key = UUID.randomUUID().toString();
    String one = with(c -> c.subject(null).claim("client_id", "one"));
    String other = with(c -> c.subject(null).claim("client_id", "other"));

    Answer ones = createWith(one, key, "Ones lamp");
    Answer others = createWith(other, key, "Others lamp");

    assertThat(List.of(ones.status(), others.status())).containsOnly(201);
    assertThat(others.text("id")).isNotEqualTo(ones.text("id"));
  }

  private Answer create(String subject, String key, String name) throws Exception {
    return createWith(issuer.token(subject, ALL), key, name);
  }

  private Answer createWith(String token, String key, String name) throws Exception {
    return api.send(
        "POST",
        "/items",
        "{\"name\":\"" + name + "\",\"price\":1}",
        "Authorization",
        "Bearer " + token,
        "Idempotency-Key",
        key);
  }

  // ---- rejected tokens

  @ParameterizedTest(name = "{0}")
  @MethodSource
  void rejected(String name, @Nullable String authorization) throws Exception {
    Gateway.notApplicable(
        Gateway.MINISTACK, name.equals("never expires"), "it takes a token without exp");
    String message = "rejected " + UUID.randomUUID();
    String[] header =
        authorization == null ? new String[0] : new String[] {"Authorization", authorization};

    Answer answer = api.send("POST", "/notifications", "{\"message\":\"" + message + "\"}", header);

    assertThat(answer.status()).as(answer.toString()).isEqualTo(401);
    assertThat(answer.json().required("message").asString()).isEqualTo("Unauthorized");
    assertThat(api.get("/notifications?limit=100", "Authorization", issuer.token()).text())
        .doesNotContain(message);
  }

  Stream<Arguments> rejected() throws Exception {
    Instant now = Instant.now();
    Map<String, String> tokens = new TreeMap<>();
    tokens.put("expired", with(c -> c.expirationTime(Date.from(now.minus(Duration.ofHours(1))))));
    tokens.put("never expires", with(c -> c.expirationTime(null)));
    tokens.put("not yet valid", with(c -> c.notBeforeTime(Date.from(now.plus(TokenIssuer.LIFE)))));
    tokens.put(
        "issued in the future", with(c -> c.issueTime(Date.from(now.plus(TokenIssuer.LIFE)))));
    tokens.put("another issuer", with(c -> c.issuer("https://issuer.invalid")));
    tokens.put("another audience", with(c -> c.audience("others")));
    tokens.put("no audience", with(c -> c.audience((String) null)));
    tokens.put("alg none", new PlainJWT(claims()).serialize());
    tokens.put("HS256 with the public key", withPublicKeyAsSecret(publicKey().getEncoded()));
    tokens.put("HS256 with the public key as PEM", withPublicKeyAsSecret(pem()));
    tokens.put("a key id that nobody knows", signed(issuer.key(), "nobody"));
    tokens.put("a key id that is a path", signed(issuer.key(), "../../../etc/passwd"));
    tokens.put("a key id that is a URL", signed(issuer.key(), "http://127.0.0.1:1/keys"));
    tokens.put("no key id", signed(issuer.key(), null));
    tokens.put("another key of that name", signed(otherKey(), issuer.key().getKeyID()));
    tokens.put("a changed signature", changed(issuer.token(), 2));
    tokens.put("changed claims", changed(issuer.token(), 1));
    tokens.put("9 KB", with(c -> c.audience("others").claim("note", "x".repeat(6_200))));
    tokens.put("9 KB of nothing", "x".repeat(9_000));
    tokens.put("no token", "a.b.c");
    List<Arguments> all = new ArrayList<>();
    all.add(arguments("no header", null));
    all.add(arguments("another scheme", "Basic YTpi"));
    all.add(arguments("an empty token", "Bearer "));
    tokens.forEach((name, token) -> all.add(arguments(name, "Bearer " + token)));
    return all.stream();
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("operations")
  void itsScopeIsAskedForAndNoOther(String key, String scope) throws Exception {
    String[] route = key.split(" ", 2);
    String path = route[1].replace("{id}", ID);
    List<String> others = new ArrayList<>(ALL);
    others.set(others.indexOf(scope), scope.substring(PREFIX.length()));

    Answer without = api.send(route[0], path, "", bearer(issuer.token("ann", others)));
    Answer with = api.send(route[0], path, "", bearer(issuer.token("ann", List.of(scope))));

    assertThat(without.status()).as(without.toString()).isEqualTo(403);
    assertThat(without.json().required("message").asString()).isEqualTo("Forbidden");
    assertThat(with.status()).as(with.toString()).isIn(200, 204, 400, 404, 415, 422);
  }

  static Stream<Arguments> operations() {
    return Contract.served().operations().stream()
        .filter(operation -> operation.scopes().isPresent())
        .map(operation -> arguments(operation.key(), PREFIX + operation.scopes().get().getFirst()));
  }

  @Test
  void theScopesAreThoseOfTheContract() {
    assertThat(operations().map(one -> one.get()[1])).containsAll(ALL).isSubsetOf(ALL);
  }

  @Test
  void whatNoRouteIsForNeedsATokenToo() throws Exception {
    assertThat(api.get("/nothing").status()).isEqualTo(401);
    assertThat(api.get("/nothing", bearer(issuer.token("ann", List.of()))).status()).isEqualTo(404);
  }

  // ---- tokens

  private static String[] bearer(String token) {
    return new String[] {"Authorization", "Bearer " + token};
  }

  private JWTClaimsSet claims() {
    return issuer.claims("mallory", ALL).build();
  }

  private String with(Consumer<JWTClaimsSet.Builder> change) {
    JWTClaimsSet.Builder claims = issuer.claims("mallory", ALL);
    change.accept(claims);
    return issuer.sign(claims.build());
  }

  private String signed(RSAKey key, @Nullable String id) throws JOSEException {
    SignedJWT token =
        new SignedJWT(new JWSHeader.Builder(JWSAlgorithm.RS256).keyID(id).build(), claims());
    token.sign(new RSASSASigner(key));
    return token.serialize();
  }

  private String withPublicKeyAsSecret(byte[] secret) throws JOSEException {
    SignedJWT token =
        new SignedJWT(
            new JWSHeader.Builder(JWSAlgorithm.HS256).keyID(issuer.key().getKeyID()).build(),
            claims());
    token.sign(new MACSigner(secret));
    return token.serialize();
  }

  private PublicKey publicKey() throws JOSEException {
    return issuer.key().toPublicKey();
  }

  private byte[] pem() throws JOSEException {
    String text =
        Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(publicKey().getEncoded());
    return ("-----BEGIN PUBLIC KEY-----\n" + text + "\n-----END PUBLIC KEY-----\n")
        .getBytes(US_ASCII);
  }

  private static RSAKey otherKey() throws JOSEException {
    return new RSAKeyGenerator(2048).generate();
  }

  /** Returns the token with another character in the middle of one part. */
  private static String changed(String token, int part) {
    String[] parts = token.split("\\.", -1);
    byte[] bytes = parts[part].getBytes(UTF_8);
    int middle = bytes.length / 2;
    bytes[middle] = (byte) (bytes[middle] == 'A' ? 'B' : 'A');
    parts[part] = new String(bytes, UTF_8);
    return String.join(".", parts);
  }
}

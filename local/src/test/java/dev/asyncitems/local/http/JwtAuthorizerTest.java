package dev.asyncitems.local.http;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.crypto.MACSigner;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.PlainJWT;
import com.nimbusds.jwt.SignedJWT;
import com.sun.net.httpserver.HttpServer;
import dev.asyncitems.local.CollidingNames;
import dev.asyncitems.local.TestIssuer;
import dev.asyncitems.local.http.JwtAuthorizer.Outcome;
import dev.asyncitems.local.issuer.TokenIssuer;
import dev.asyncitems.local.template.Access;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.Date;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@TestInstance(Lifecycle.PER_CLASS)
final class JwtAuthorizerTest {
  private static final Instant NOW = Instant.parse("2026-11-22T12:00:00Z");

  private TestIssuer issuer;
  private Access access;
  private final JwtAuthorizer authorizer = new JwtAuthorizer(Clock.fixed(NOW, ZoneOffset.UTC));

  @BeforeAll
  void start() throws Exception {
    issuer = new TestIssuer(NOW);
    access = new Access("Jwt", issuer.uri(), List.of("api", "other"), List.of("things:read"));
  }

  @AfterAll
  void stop() {
    issuer.close();
  }

  @Test
  void aValidTokenIsGrantedWithItsClaims() throws Exception {
    String token = issuer.token(claims -> claims.claim("groups", List.of("a", "b")));

    for (String header : List.of("Bearer " + token, "bearer " + token, token)) {
      assertThat(check(header))
          .isInstanceOfSatisfying(
              Outcome.Granted.class,
              granted -> {
                assertThat(granted.scopes()).containsExactly("things:read", "things:write");
                assertThat(granted.claims())
                    .containsEntry("sub", "somebody")
                    .containsEntry("groups", "[a b]")
                    .containsEntry(
                        "exp", Long.toString(NOW.plus(TokenIssuer.LIFE).getEpochSecond()));
              });
    }
  }

  @Test
  void theClientIdReplacesOnlyAMissingAudience() throws Exception {
    assertThat(
            check(
                issuer.token(claims -> claims.audience((String) null).claim("client_id", "other"))))
        .isInstanceOf(Outcome.Granted.class);
    assertThat(check(issuer.token(claims -> claims.audience("nobody").claim("client_id", "other"))))
        .isInstanceOf(Outcome.Unauthorized.class);
  }

  @Test
  void scopesMayBeAList() throws Exception {
    assertThat(
            check(
                issuer.token(
                    c -> c.claim("scope", null).claim("scp", List.of("x", "things:read")))))
        .isInstanceOf(Outcome.Granted.class);
  }

  @Test
  void aTokenWithoutTheScopeIsForbidden() throws Exception {
    assertThat(check(issuer.token(claims -> claims.claim("scope", "things:write"))))
        .isInstanceOf(Outcome.Forbidden.class);
    assertThat(check(issuer.token(claims -> claims.claim("scope", null))))
        .isInstanceOf(Outcome.Forbidden.class);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "Bearer", "Bearer ", "Basic YTpi", "x", "a.b.c", "Bearer a.b.c.d.e"})
  void rejectsAMalformedToken(String header) throws Exception {
    assertThat(check(header)).isInstanceOf(Outcome.Unauthorized.class);
  }

  @Test
  void rejectsAMissingHeader() throws Exception {
    assertThat(authorizer.check(access, Optional.empty())).isInstanceOf(Outcome.Unauthorized.class);
  }

  /** The response gives no reason, as on AWS, so the console does. */
  @Test
  void saysWhyATokenIsRejected() throws Exception {
    assertThat(why(authorizer.check(access, Optional.empty())))
        .isEqualTo("the request has no Authorization header");
    assertThat(why(check("Basic YTpi"))).isEqualTo("the Authorization header has no signed JWT");
    assertThat(why(check(TestIssuer.signed(issuer.signingKey(), null, issuer.claims(c -> {})))))
        .contains("no kid");
    assertThat(why(check(TestIssuer.signed(issuer.signingKey(), "two", issuer.claims(c -> {})))))
        .contains("two", issuer.uri().toString());
    assertThat(
            why(
                check(
                    TestIssuer.signed(issuer.otherKey(), issuer.keyId(), issuer.claims(c -> {})))))
        .isEqualTo("the token's signature is wrong");
    assertThat(why(check(issuer.token(c -> c.expirationTime(Date.from(NOW.minusSeconds(1)))))))
        .isEqualTo("the token has expired");
    assertThat(why(check(issuer.token(c -> c.issuer("https://example.com")))))
        .isEqualTo(
            "the token is from the issuer https://example.com, and the API accepts "
                + issuer.uri());
    assertThat(why(check(issuer.token(c -> c.expirationTime(null)))))
        .isEqualTo("the token's claims are wrong: JWT missing required claims: [exp]");
    assertThat(why(check(issuer.token(c -> c.audience("nobody")))))
        .isEqualTo("the token is for the audience [nobody], and the API accepts [api, other]");
    assertThat(why(check(issuer.token(c -> c.claim("scope", "things:write")))))
        .isEqualTo(
            "the token has the scopes [things:write], and the route needs one of [things:read]");
  }

  private static String why(Outcome outcome) {
    return switch (outcome) {
      case Outcome.Unauthorized(String why) -> why;
      case Outcome.Forbidden(String why) -> why;
      default -> "";
    };
  }

  @Test
  void checksTheTimes() throws Exception {
    for (Consumer<JWTClaimsSet.Builder> wrong :
        List.<Consumer<JWTClaimsSet.Builder>>of(
            claims -> claims.expirationTime(Date.from(NOW.minusSeconds(1))),
            claims -> claims.expirationTime(null),
            claims -> claims.notBeforeTime(Date.from(NOW.plusSeconds(1))),
            claims -> claims.issueTime(Date.from(NOW.plusSeconds(1))))) {
      assertThat(check(issuer.token(wrong))).isInstanceOf(Outcome.Unauthorized.class);
    }
  }

  @Test
  void rejectsAnotherIssuerOrAudience() throws Exception {
    assertThat(check(issuer.token(claims -> claims.issuer("https://example.com"))))
        .isInstanceOf(Outcome.Unauthorized.class);
    assertThat(check(issuer.token(claims -> claims.audience("nobody"))))
        .isInstanceOf(Outcome.Unauthorized.class);
    assertThat(check(issuer.token(claims -> claims.audience((String) null))))
        .isInstanceOf(Outcome.Unauthorized.class);
  }

  @Test
  void rejectsAnUnsignedToken() throws Exception {
    assertThat(check(new PlainJWT(issuer.claims(c -> {})).serialize()))
        .isInstanceOf(Outcome.Unauthorized.class);
  }

  @Test
  void rejectsATokenSignedWithThePublicKeyAsASecret() throws Exception {
    SignedJWT jwt =
        new SignedJWT(
            new JWSHeader.Builder(JWSAlgorithm.HS256).keyID(issuer.keyId()).build(),
            issuer.claims(c -> {}));
    jwt.sign(new MACSigner(issuer.signingKey().toPublicKey().getEncoded()));

    assertThat(check(jwt.serialize())).isInstanceOf(Outcome.Unauthorized.class);
  }

  @Test
  void rejectsAnotherKeyWithTheSameId() throws Exception {
    assertThat(check(TestIssuer.signed(issuer.otherKey(), issuer.keyId(), issuer.claims(c -> {}))))
        .isInstanceOf(Outcome.Unauthorized.class);
  }

  @ParameterizedTest
  @ValueSource(strings = {"two", "../../keys", "/etc/passwd", "http://127.0.0.1:1/", "' OR 1=1"})
  void rejectsAnUnknownKeyId(String id) throws Exception {
    assertThat(check(TestIssuer.signed(issuer.signingKey(), id, issuer.claims(c -> {}))))
        .isInstanceOf(Outcome.Unauthorized.class);
  }

  @Test
  void rejectsATokenWithoutAKeyId() throws Exception {
    assertThat(check(TestIssuer.signed(issuer.signingKey(), null, issuer.claims(c -> {}))))
        .isInstanceOf(Outcome.Unauthorized.class);
  }

  @Test
  void rejectsAChangedToken() throws Exception {
    String token = issuer.token(c -> {});
    int inSignature = token.lastIndexOf('.') + 10;
    char other = token.charAt(inSignature) == 'A' ? 'B' : 'A';

    assertThat(check(token.substring(0, inSignature) + other + token.substring(inSignature + 1)))
        .isInstanceOf(Outcome.Unauthorized.class);
  }

  @Test
  void aTokenOfNineKilobytesIsReadLikeAnyOther() throws Exception {
    char[] long_ = new char[6_500];
    Arrays.fill(long_, 'x');

    assertThat(check(issuer.token(claims -> claims.claim("note", new String(long_)))))
        .isInstanceOf(Outcome.Granted.class);
    assertThat(check("Bearer " + new String(long_) + new String(long_)))
        .isInstanceOf(Outcome.Unauthorized.class);
  }

  @Test
  void reportsAnUnreachableIssuer() {
    Access away = new Access("Jwt", URI.create("http://127.0.0.1:1/"), List.of("api"), List.of());

    assertThat(new JwtAuthorizer(Clock.systemUTC()).check(away, Optional.of(issuer.token(c -> {}))))
        .isInstanceOf(Outcome.Unknown.class);
  }

  /** Rejects a token with any content, and then grants a valid one. */
  @Test
  void aHostileTokenHarmsNoLaterOne() throws Exception {
    List<String> parts = new ArrayList<>();
    for (String name : List.of("kid", "alg", "crit", "exp", "iss", "aud", "scope", "x5c", "jwk")) {
      for (String value :
          List.of("7", "{}", "[[]]", "true", "null", "1e999999999", "-0", "\"\\u0000\"", "\"x\"")) {
        parts.add("{\"alg\":\"RS256\",\"kid\":\"one\",\"%s\":%s}".formatted(name, value));
      }
    }
    for (String name : List.of("scope", "version")) {
      List<String> names = CollidingNames.with(name, CollidingNames.MANY);
      parts.add(new String(CollidingNames.object(names), UTF_8));
    }
    parts.addAll(List.of("[".repeat(20_000), "{\"a\":".repeat(20_000), "", "{", "7", "\"x\""));
    String good = issuer.token(claims -> {});
    String[] its = good.split("\\.", -1);
    for (String part : parts) {
      String odd = Base64.getUrlEncoder().withoutPadding().encodeToString(part.getBytes(UTF_8));
      for (String token :
          List.of(odd + "." + its[1] + "." + its[2], its[0] + "." + odd + "." + its[2])) {
        assertThat(check(token)).as(part).isInstanceOf(Outcome.Unauthorized.class);
      }
    }
    assertThat(check(good)).isInstanceOf(Outcome.Granted.class);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{}",
        "[",
        "deep",
        "{\"jwks_uri\":\"nonsense\"}",
        "{\"jwks_uri\":\"http://[\"}",
        "{\"jwks_uri\":\"gopher://x\"}",
        "{\"jwks_uri\":\"http://127.0.0.1:99999999999\"}",
        "{\"jwks_uri\":\"http://127.0.0.1:99999\"}",
      })
  void reportsAnInvalidDocumentOfTheIssuer(String document) throws Exception {
    byte[] bytes = (document.equals("deep") ? "[".repeat(20_000) : document).getBytes(UTF_8);
    HttpServer server =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext(
        "/",
        exchange -> {
          exchange.sendResponseHeaders(200, bytes.length);
          exchange.getResponseBody().write(bytes);
          exchange.close();
        });
    server.start();
    try {
      URI uri = URI.create("http://127.0.0.1:" + server.getAddress().getPort());
      Access odd = new Access("Jwt", uri, List.of("api"), List.of());
      assertThat(authorizer.check(odd, Optional.of(issuer.token(c -> {}))))
          .isInstanceOf(Outcome.Unknown.class);
    } finally {
      server.stop(0);
    }
  }

  private Outcome check(String header) {
    return authorizer.check(access, Optional.of(header));
  }
}

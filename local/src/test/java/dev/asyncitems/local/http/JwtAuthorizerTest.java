package dev.asyncitems.local.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.nimbusds.jose.JOSEObjectType;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.crypto.MACSigner;
import com.nimbusds.jose.crypto.RSASSASigner;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.RSAKey;
import com.nimbusds.jose.jwk.gen.RSAKeyGenerator;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.PlainJWT;
import com.nimbusds.jwt.SignedJWT;
import com.sun.net.httpserver.HttpServer;
import dev.asyncitems.local.http.JwtAuthorizer.Outcome;
import dev.asyncitems.local.template.Access;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Arrays;
import java.util.Date;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
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

  private RSAKey key;
  private RSAKey another;
  private HttpServer server;
  private Access access;
  private final JwtAuthorizer authorizer = new JwtAuthorizer(Clock.fixed(NOW, ZoneOffset.UTC));

  @BeforeAll
  void start() throws Exception {
    key = new RSAKeyGenerator(2048).keyID("one").generate();
    another = new RSAKeyGenerator(2048).keyID("one").generate();
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    String issuer = "http://127.0.0.1:" + server.getAddress().getPort();
    serve("/.well-known/openid-configuration", "{\"jwks_uri\":\"" + issuer + "/keys\"}");
    serve("/keys", new JWKSet(key.toPublicJWK()).toString());
    server.start();
    access = new Access("Jwt", URI.create(issuer), List.of("api", "other"), List.of("things:read"));
  }

  @AfterAll
  void stop() {
    server.stop(0);
  }

  private void serve(String path, String json) {
    server.createContext(
        path,
        exchange -> {
          byte[] bytes = json.getBytes(StandardCharsets.UTF_8);
          exchange.sendResponseHeaders(200, bytes.length);
          exchange.getResponseBody().write(bytes);
          exchange.close();
        });
  }

  @Test
  void aGoodTokenIsLetInWithItsClaims() throws Exception {
    String token = token(claims -> claims.claim("groups", List.of("a", "b")));

    for (String header : List.of("Bearer " + token, "bearer " + token, token)) {
      assertThat(check(header))
          .isInstanceOfSatisfying(
              Outcome.Granted.class,
              granted -> {
                assertThat(granted.scopes()).containsExactly("things:read", "things:write");
                assertThat(granted.claims())
                    .containsEntry("sub", "somebody")
                    .containsEntry("groups", "[a b]")
                    .containsEntry("exp", Long.toString(NOW.getEpochSecond() + 60));
              });
    }
  }

  @Test
  void theClientsIdStandsForAMissingAudienceOnly() throws Exception {
    assertThat(check(token(claims -> claims.audience((String) null).claim("client_id", "other"))))
        .isInstanceOf(Outcome.Granted.class);
    assertThat(check(token(claims -> claims.audience("nobody").claim("client_id", "other"))))
        .isInstanceOf(Outcome.Unauthorized.class);
  }

  @Test
  void scopesMayBeAList() throws Exception {
    assertThat(check(token(c -> c.claim("scope", null).claim("scp", List.of("x", "things:read")))))
        .isInstanceOf(Outcome.Granted.class);
  }

  @Test
  void aTokenWithoutTheScopeIsForbidden() throws Exception {
    assertThat(check(token(claims -> claims.claim("scope", "things:write"))))
        .isInstanceOf(Outcome.Forbidden.class);
    assertThat(check(token(claims -> claims.claim("scope", null))))
        .isInstanceOf(Outcome.Forbidden.class);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "Bearer", "Bearer ", "Basic YTpi", "x", "a.b.c", "Bearer a.b.c.d.e"})
  void whatIsNoTokenIsRefused(String header) throws Exception {
    assertThat(check(header)).isInstanceOf(Outcome.Unauthorized.class);
  }

  @Test
  void noHeaderIsRefused() throws Exception {
    assertThat(authorizer.check(access, Optional.empty())).isInstanceOf(Outcome.Unauthorized.class);
  }

  @Test
  void timesAreKept() throws Exception {
    for (Consumer<JWTClaimsSet.Builder> wrong :
        List.<Consumer<JWTClaimsSet.Builder>>of(
            claims -> claims.expirationTime(Date.from(NOW.minusSeconds(1))),
            claims -> claims.expirationTime(null),
            claims -> claims.notBeforeTime(Date.from(NOW.plusSeconds(1))),
            claims -> claims.issueTime(Date.from(NOW.plusSeconds(1))))) {
      assertThat(check(token(wrong))).isInstanceOf(Outcome.Unauthorized.class);
    }
  }

  @Test
  void anotherIssuerOrAudienceIsRefused() throws Exception {
    assertThat(check(token(claims -> claims.issuer("https://example.com"))))
        .isInstanceOf(Outcome.Unauthorized.class);
    assertThat(check(token(claims -> claims.audience("nobody"))))
        .isInstanceOf(Outcome.Unauthorized.class);
    assertThat(check(token(claims -> claims.audience((String) null))))
        .isInstanceOf(Outcome.Unauthorized.class);
  }

  @Test
  void aTokenThatNobodySignedIsRefused() throws Exception {
    assertThat(check(new PlainJWT(claims(c -> {})).serialize()))
        .isInstanceOf(Outcome.Unauthorized.class);
  }

  @Test
  void aTokenSignedWithThePublicKeyAsASecretIsRefused() throws Exception {
    SignedJWT jwt =
        new SignedJWT(
            new JWSHeader.Builder(JWSAlgorithm.HS256).keyID("one").build(), claims(c -> {}));
    jwt.sign(new MACSigner(key.toPublicKey().getEncoded()));

    assertThat(check(jwt.serialize())).isInstanceOf(Outcome.Unauthorized.class);
  }

  @Test
  void aTokenOfAnotherKeyOfThatNameIsRefused() throws Exception {
    assertThat(check(signed(another, "one", claims(c -> {}))))
        .isInstanceOf(Outcome.Unauthorized.class);
  }

  @ParameterizedTest
  @ValueSource(strings = {"two", "../../keys", "/etc/passwd", "http://127.0.0.1:1/", "' OR 1=1"})
  void aKeyThatIsNotTheIssuersIsRefused(String id) throws Exception {
    assertThat(check(signed(key, id, claims(c -> {})))).isInstanceOf(Outcome.Unauthorized.class);
  }

  @Test
  void aTokenThatNamesNoKeyIsRefused() throws Exception {
    assertThat(check(signed(key, null, claims(c -> {})))).isInstanceOf(Outcome.Unauthorized.class);
  }

  @Test
  void aChangedTokenIsRefused() throws Exception {
    String token = token(c -> {});
    int inSignature = token.lastIndexOf('.') + 10;
    char other = token.charAt(inSignature) == 'A' ? 'B' : 'A';

    assertThat(check(token.substring(0, inSignature) + other + token.substring(inSignature + 1)))
        .isInstanceOf(Outcome.Unauthorized.class);
  }

  @Test
  void aTokenOfNineKilobytesIsReadLikeAnyOther() throws Exception {
    char[] long_ = new char[6_500];
    Arrays.fill(long_, 'x');

    assertThat(check(token(claims -> claims.claim("note", new String(long_)))))
        .isInstanceOf(Outcome.Granted.class);
    assertThat(check("Bearer " + new String(long_) + new String(long_)))
        .isInstanceOf(Outcome.Unauthorized.class);
  }

  @Test
  void anIssuerThatIsAwayIsSaidToBe() {
    Access away = new Access("Jwt", URI.create("http://127.0.0.1:1/"), List.of("api"), List.of());

    assertThatThrownBy(
            () -> new JwtAuthorizer(Clock.systemUTC()).check(away, Optional.of(token(c -> {}))))
        .isInstanceOf(IOException.class);
  }

  private Outcome check(String header) throws IOException {
    return authorizer.check(access, Optional.of(header));
  }

  private String token(Consumer<JWTClaimsSet.Builder> change) throws Exception {
    return signed(key, "one", claims(change));
  }

  private JWTClaimsSet claims(Consumer<JWTClaimsSet.Builder> change) {
    JWTClaimsSet.Builder claims =
        new JWTClaimsSet.Builder()
            .issuer(access.issuer().toString())
            .subject("somebody")
            .audience("api")
            .issueTime(Date.from(NOW))
            .notBeforeTime(Date.from(NOW.minusSeconds(1)))
            .expirationTime(Date.from(NOW.plusSeconds(60)))
            .claim("scope", "things:read things:write");
    change.accept(claims);
    return claims.build();
  }

  private static String signed(RSAKey key, @Nullable String id, JWTClaimsSet claims)
      throws Exception {
    SignedJWT jwt =
        new SignedJWT(
            new JWSHeader.Builder(JWSAlgorithm.RS256).type(JOSEObjectType.JWT).keyID(id).build(),
            claims);
    jwt.sign(new RSASSASigner(key));
    return jwt.serialize();
  }
}

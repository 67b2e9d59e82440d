package dev.asyncitems.local.http;

import static org.assertj.core.api.Assertions.assertThat;

import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.crypto.MACSigner;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.PlainJWT;
import com.nimbusds.jwt.SignedJWT;
import dev.asyncitems.local.TestIssuer;
import dev.asyncitems.local.http.JwtAuthorizer.Outcome;
import dev.asyncitems.local.issuer.TokenIssuer;
import dev.asyncitems.local.template.Access;
import java.net.URI;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Arrays;
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
  void aGoodTokenIsLetInWithItsClaims() throws Exception {
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
  void theClientsIdStandsForAMissingAudienceOnly() throws Exception {
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
      assertThat(check(issuer.token(wrong))).isInstanceOf(Outcome.Unauthorized.class);
    }
  }

  @Test
  void anotherIssuerOrAudienceIsRefused() throws Exception {
    assertThat(check(issuer.token(claims -> claims.issuer("https://example.com"))))
        .isInstanceOf(Outcome.Unauthorized.class);
    assertThat(check(issuer.token(claims -> claims.audience("nobody"))))
        .isInstanceOf(Outcome.Unauthorized.class);
    assertThat(check(issuer.token(claims -> claims.audience((String) null))))
        .isInstanceOf(Outcome.Unauthorized.class);
  }

  @Test
  void aTokenThatNobodySignedIsRefused() throws Exception {
    assertThat(check(new PlainJWT(issuer.claims(c -> {})).serialize()))
        .isInstanceOf(Outcome.Unauthorized.class);
  }

  @Test
  void aTokenSignedWithThePublicKeyAsASecretIsRefused() throws Exception {
    SignedJWT jwt =
        new SignedJWT(
            new JWSHeader.Builder(JWSAlgorithm.HS256).keyID(issuer.keyId()).build(),
            issuer.claims(c -> {}));
    jwt.sign(new MACSigner(issuer.signingKey().toPublicKey().getEncoded()));

    assertThat(check(jwt.serialize())).isInstanceOf(Outcome.Unauthorized.class);
  }

  @Test
  void aTokenOfAnotherKeyOfThatNameIsRefused() throws Exception {
    assertThat(check(TestIssuer.signed(issuer.otherKey(), issuer.keyId(), issuer.claims(c -> {}))))
        .isInstanceOf(Outcome.Unauthorized.class);
  }

  @ParameterizedTest
  @ValueSource(strings = {"two", "../../keys", "/etc/passwd", "http://127.0.0.1:1/", "' OR 1=1"})
  void aKeyThatIsNotTheIssuersIsRefused(String id) throws Exception {
    assertThat(check(TestIssuer.signed(issuer.signingKey(), id, issuer.claims(c -> {}))))
        .isInstanceOf(Outcome.Unauthorized.class);
  }

  @Test
  void aTokenThatNamesNoKeyIsRefused() throws Exception {
    assertThat(check(TestIssuer.signed(issuer.signingKey(), null, issuer.claims(c -> {}))))
        .isInstanceOf(Outcome.Unauthorized.class);
  }

  @Test
  void aChangedTokenIsRefused() throws Exception {
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
  void anIssuerThatIsAwayIsSaidToBe() {
    Access away = new Access("Jwt", URI.create("http://127.0.0.1:1/"), List.of("api"), List.of());

    assertThat(new JwtAuthorizer(Clock.systemUTC()).check(away, Optional.of(issuer.token(c -> {}))))
        .isInstanceOf(Outcome.Unknown.class);
  }

  private Outcome check(String header) {
    return authorizer.check(access, Optional.of(header));
  }
}

package dev.asyncitems.local;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JOSEObjectType;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.crypto.RSASSASigner;
import com.nimbusds.jose.jwk.RSAKey;
import com.nimbusds.jose.jwk.gen.RSAKeyGenerator;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.SignedJWT;
import dev.asyncitems.local.issuer.TokenIssuer;
import java.io.IOException;
import java.net.URI;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** The issuer of tokens, and tokens that it wouldn't give. */
public final class TestIssuer implements AutoCloseable {
  private final TokenIssuer issuer;

  /**
   * An issuer that listens on a free port of the loopback address.
   *
   * @param now when its tokens are made
   */
  public TestIssuer(Instant now) throws IOException {
    issuer =
        new TokenIssuer(
            URI.create("http://127.0.0.1:0"),
            List.of("api"),
            List.of("things:read", "things:write"),
            Clock.fixed(now, ZoneOffset.UTC));
  }

  public URI uri() {
    return issuer.uri();
  }

  /** What it signs with. */
  public RSAKey signingKey() {
    return issuer.key();
  }

  /** Another key of the same name. */
  public RSAKey otherKey() throws JOSEException {
    return new RSAKeyGenerator(2048).keyID(keyId()).generate();
  }

  public String keyId() {
    return issuer.key().getKeyID();
  }

  /** A token with some claims changed. */
  public String token(Consumer<JWTClaimsSet.Builder> change) {
    return issuer.sign(claims(change));
  }

  public JWTClaimsSet claims(Consumer<JWTClaimsSet.Builder> change) {
    JWTClaimsSet.Builder claims = issuer.claims("somebody", List.of("things:read", "things:write"));
    change.accept(claims);
    return claims.build();
  }

  /** A token of these claims, which says that a key of that name signed it. */
  public static String signed(RSAKey key, @Nullable String id, JWTClaimsSet claims)
      throws JOSEException {
    SignedJWT jwt =
        new SignedJWT(
            new JWSHeader.Builder(JWSAlgorithm.RS256).type(JOSEObjectType.JWT).keyID(id).build(),
            claims);
    jwt.sign(new RSASSASigner(key));
    return jwt.serialize();
  }

  @Override
  public void close() {
    issuer.close();
  }
}

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

/** A token issuer that also gives invalid tokens. */
public final class TestIssuer implements AutoCloseable {
  private final TokenIssuer issuer;

  /**
   * Starts an issuer on a free loopback port.
   *
   * @param now the time at which its tokens are issued
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

  /** Returns the key that signs the tokens. */
  public RSAKey signingKey() {
    return issuer.key();
  }

  /** Returns another key with the same id. */
  public RSAKey otherKey() throws JOSEException {
    return new RSAKeyGenerator(2048).keyID(keyId()).generate();
  }

  public String keyId() {
    return issuer.key().getKeyID();
  }

  /** Returns a token with changed claims. */
  public String token(Consumer<JWTClaimsSet.Builder> change) {
    return issuer.sign(claims(change));
  }

  public JWTClaimsSet claims(Consumer<JWTClaimsSet.Builder> change) {
    JWTClaimsSet.Builder claims = issuer.claims("somebody", List.of("things:read", "things:write"));
    change.accept(claims);
    return claims.build();
  }

  /** Returns a token of these claims, signed by a key, with the given key id in its header. */
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

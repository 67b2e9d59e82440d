package dev.asyncitems.local;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JOSEObjectType;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.crypto.RSASSASigner;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.RSAKey;
import com.nimbusds.jose.jwk.gen.RSAKeyGenerator;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.SignedJWT;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Date;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** An issuer of tokens, with one key that it tells to everybody. */
public final class TestIssuer implements AutoCloseable {
  public static final String KEY_ID = "one";

  private final RSAKey key;
  private final HttpServer server;
  private final Instant now;

  /**
   * An issuer that listens on a free port of the loopback address.
   *
   * @param now when its tokens are made
   */
  public TestIssuer(Instant now) throws IOException, JOSEException {
    this.now = now;
    key = key();
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    serve("/.well-known/openid-configuration", "{\"jwks_uri\":\"" + uri() + "/keys\"}");
    serve("/keys", new JWKSet(key.toPublicJWK()).toString());
    server.start();
  }

  /** Another key of the same name. */
  public static RSAKey key() throws JOSEException {
    return new RSAKeyGenerator(2048).keyID(KEY_ID).generate();
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

  public URI uri() {
    return URI.create("http://127.0.0.1:" + server.getAddress().getPort());
  }

  /** What it signs with. */
  public RSAKey signingKey() {
    return key;
  }

  /** A token that is good for a minute, with some claims changed. */
  public String token(Consumer<JWTClaimsSet.Builder> change) throws JOSEException {
    return signed(key, KEY_ID, claims(change));
  }

  public JWTClaimsSet claims(Consumer<JWTClaimsSet.Builder> change) {
    JWTClaimsSet.Builder claims =
        new JWTClaimsSet.Builder()
            .issuer(uri().toString())
            .subject("somebody")
            .audience("api")
            .issueTime(Date.from(now))
            .notBeforeTime(Date.from(now.minusSeconds(1)))
            .expirationTime(Date.from(now.plusSeconds(60)))
            .claim("scope", "things:read things:write");
    change.accept(claims);
    return claims.build();
  }

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
    server.stop(0);
  }
}

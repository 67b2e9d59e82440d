package dev.asyncitems.local.http;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JOSEObjectType;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.KeySourceException;
import com.nimbusds.jose.jwk.source.JWKSource;
import com.nimbusds.jose.jwk.source.JWKSourceBuilder;
import com.nimbusds.jose.jwk.source.RateLimitReachedException;
import com.nimbusds.jose.proc.BadJOSEException;
import com.nimbusds.jose.proc.BadJWSException;
import com.nimbusds.jose.proc.DefaultJOSEObjectTypeVerifier;
import com.nimbusds.jose.proc.JWSVerificationKeySelector;
import com.nimbusds.jose.proc.SecurityContext;
import com.nimbusds.jose.util.DefaultResourceRetriever;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.SignedJWT;
import com.nimbusds.jwt.proc.BadJWTException;
import com.nimbusds.jwt.proc.DefaultJWTClaimsVerifier;
import com.nimbusds.jwt.proc.DefaultJWTProcessor;
import com.nimbusds.jwt.proc.ExpiredJWTException;
import dev.asyncitems.local.json.Json;
import dev.asyncitems.local.template.Access;
import java.io.IOException;
import java.net.URI;
import java.net.URL;
import java.nio.charset.StandardCharsets;
import java.text.ParseException;
import java.time.Clock;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Collections;
import java.util.Date;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * A check of tokens that follows "Control access to HTTP APIs with JWT authorizers in API Gateway".
 * It fetches an issuer's keys on first use and caches them. Thread-safe.
 */
final class JwtAuthorizer {

  private static final String BEARER = "bearer ";
  private static final int FETCH_MILLIS = 5_000;
  private static final int FETCH_BYTES = 1 << 20;

  private final Clock clock;
  private final Map<URI, JWKSource<SecurityContext>> keys = new ConcurrentHashMap<>();

  JwtAuthorizer(Clock clock) {
    this.clock = clock;
  }

  /** The result of checking a request's token. */
  sealed interface Outcome {

    /**
     * The token grants access.
     *
     * @param claims the claims as texts, in the event's format
     */
    record Granted(Map<String, String> claims, List<String> scopes) implements Outcome {}

    /** The token is missing, or not valid for this issuer and API. */
    record Unauthorized(String why) implements Outcome {}

    /** The token is valid, but has none of the required scopes. */
    record Forbidden(String why) implements Outcome {}

    /** The issuer's keys could not be fetched. */
    record Unknown(IOException why) implements Outcome {}
  }

  /**
   * Checks a token.
   *
   * @param authorization the value of this header; the prefix {@code Bearer} is optional
   */
  Outcome check(Access access, Optional<String> authorization) {
    if (authorization.isEmpty()) {
      return new Outcome.Unauthorized("the request has no Authorization header");
    }
    SignedJWT token;
    try {
      token = SignedJWT.parse(token(authorization.get()));
    } catch (ParseException e) {
      return new Outcome.Unauthorized("the Authorization header has no signed JWT");
    }
    String key = token.getHeader().getKeyID();
    if (key == null) {
      return new Outcome.Unauthorized("the token's header has no kid, the id of its key");
    }
    JWTClaimsSet claims;
    try {
      claims = processor(access).process(token, null);
      List<String> audiences = audiences(claims);
      if (Collections.disjoint(access.audiences(), audiences)) {
        return new Outcome.Unauthorized(
            "the token is for the audience %s, and the API accepts %s"
                .formatted(audiences, access.audiences()));
      }
    } catch (RateLimitReachedException e) {
      // The keys were fetched a moment ago and do not contain the token's key.
      return new Outcome.Unauthorized(
          "the issuer %s has no key with the id %s".formatted(access.issuer(), key));
    } catch (KeySourceException e) {
      return new Outcome.Unknown(
          new IOException("failed to fetch the keys of " + access.issuer(), e));
    } catch (IOException e) {
      return new Outcome.Unknown(e);
    } catch (ExpiredJWTException e) {
      return new Outcome.Unauthorized("the token has expired");
    } catch (BadJWSException e) {
      return new Outcome.Unauthorized("the token's signature is wrong");
    } catch (BadJWTException e) {
      return new Outcome.Unauthorized(wrongClaims(access, token, e));
    } catch (ParseException | JOSEException e) {
      return new Outcome.Unauthorized("the token can't be read: " + e.getMessage());
    } catch (BadJOSEException e) {
      return new Outcome.Unauthorized(
          "%s (key %s of the issuer %s)".formatted(e.getMessage(), key, access.issuer()));
    }
    List<String> scopes = scopes(claims);
    return access.scopes().isEmpty() || !Collections.disjoint(access.scopes(), scopes)
        ? new Outcome.Granted(asText(claims), scopes)
        : new Outcome.Forbidden(
            "the token has the scopes %s, and the route needs one of %s"
                .formatted(scopes, access.scopes()));
  }

  private static String wrongClaims(Access access, SignedJWT token, BadJWTException why) {
    try {
      String issuer = token.getJWTClaimsSet().getIssuer();
      if (!access.issuer().toString().equals(issuer)) {
        return "the token is from the issuer %s, and the API accepts %s"
            .formatted(issuer, access.issuer());
      }
    } catch (ParseException e) {
      // The message of the other exception is the reason.
    }
    return "the token's claims are wrong: " + why.getMessage();
  }

  private static String token(String authorization) {
    return authorization.regionMatches(true, 0, BEARER, 0, BEARER.length())
        ? authorization.substring(BEARER.length()).strip()
        : authorization.strip();
  }

  private DefaultJWTProcessor<SecurityContext> processor(Access access) throws IOException {
    DefaultJWTProcessor<SecurityContext> processor = new DefaultJWTProcessor<>();
    processor.setJWSTypeVerifier(
        new DefaultJOSEObjectTypeVerifier<>(
            JOSEObjectType.JWT, new JOSEObjectType("at+jwt"), null));
    processor.setJWSKeySelector(
        new JWSVerificationKeySelector<>(
            Set.of(JWSAlgorithm.RS256, JWSAlgorithm.RS384, JWSAlgorithm.RS512),
            keys(access.issuer())));
    JWTClaimsSet exact = new JWTClaimsSet.Builder().issuer(access.issuer().toString()).build();
    processor.setJWTClaimsSetVerifier(new Verifier(exact));
    return processor;
  }

  private final class Verifier extends DefaultJWTClaimsVerifier<SecurityContext> {
    Verifier(JWTClaimsSet exact) {
      super(exact, Set.of("exp"));
      setMaxClockSkew(0);
    }

    @Override
    protected Date currentTime() {
      return Date.from(clock.instant());
    }

    @Override
    public void verify(JWTClaimsSet claims, @Nullable SecurityContext context)
        throws BadJWTException {
      super.verify(claims, context);
      Date issued = claims.getIssueTime();
      if (issued != null && issued.toInstant().isAfter(clock.instant())) {
        throw new BadJWTException("issued in the future");
      }
    }
  }

  private JWKSource<SecurityContext> keys(URI issuer) throws IOException {
    JWKSource<SecurityContext> known = keys.get(issuer);
    if (known != null) {
      return known;
    }
    DefaultResourceRetriever retriever =
        new DefaultResourceRetriever(FETCH_MILLIS, FETCH_MILLIS, FETCH_BYTES);
    String place = issuer.toString().replaceFirst("/$", "") + "/.well-known/openid-configuration";
    URL jwks;
    try {
      String configuration = retriever.retrieveResource(URI.create(place).toURL()).getContent();
      JsonNode json = Json.read(configuration.getBytes(StandardCharsets.UTF_8));
      jwks = URI.create(json.path("jwks_uri").asText()).toURL();
    } catch (JsonProcessingException | IllegalArgumentException e) {
      throw new IOException(place + " is not an OpenID configuration", e);
    }
    JWKSource<SecurityContext> source =
        JWKSourceBuilder.<SecurityContext>create(jwks, retriever).build();
    JWKSource<SecurityContext> first = keys.putIfAbsent(issuer, source);
    return first == null ? source : first;
  }

  /** Returns {@code aud} or, if the token has no {@code aud}, {@code client_id}. */
  private static List<String> audiences(JWTClaimsSet claims) throws ParseException {
    String client = claims.getStringClaim("client_id");
    return claims.getClaim("aud") != null
        ? claims.getAudience()
        : client == null ? List.of() : List.of(client);
  }

  private static List<String> scopes(JWTClaimsSet claims) {
    List<String> scopes = new ArrayList<>();
    for (String name : List.of("scope", "scp")) {
      switch (claims.getClaim(name)) {
        case String text ->
            scopes.addAll(Arrays.stream(text.split(" ")).filter(s -> !s.isEmpty()).toList());
        case Collection<?> several -> several.forEach(scope -> scopes.add(String.valueOf(scope)));
        case null, default -> {}
      }
    }
    return scopes;
  }

  /** Returns the claims as in API Gateway's events: times in seconds, lists as {@code [a b]}. */
  private static Map<String, String> asText(JWTClaimsSet claims) {
    Map<String, String> texts = new LinkedHashMap<>();
    claims
        .toJSONObject()
        .forEach((name, value) -> {
          if (value instanceof Collection<?> several) {
            texts.put(
                name, "[" + String.join(" ", several.stream().map(String::valueOf).toList()) + "]");
          } else if (value != null) {
            texts.put(name, String.valueOf(value));
          }
        });
    return texts;
  }
}

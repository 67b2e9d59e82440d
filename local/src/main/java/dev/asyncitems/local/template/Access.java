package dev.asyncitems.local.template;

import java.net.MalformedURLException;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.List;
import java.util.Optional;

/**
 * The token that a route requires.
 *
 * @param authorizerId the logical id of the authorizer
 * @param issuer the only accepted issuer
 * @param audiences the accepted audiences
 * @param scopes the scopes of which the token needs one; empty if it needs no scope
 */
public record Access(String authorizerId, URI issuer, List<String> audiences, List<String> scopes) {

  /** Reads the authorization of a route. Returns empty if the route requires no token. */
  static Optional<Access> of(Props route, Resources resources) {
    String type = route.text("AuthorizationType").orElse("NONE");
    if (type.equals("NONE")) {
      return Optional.empty();
    }
    if (!type.equals("JWT")) {
      throw route.wrong("AuthorizationType", type + " is not supported by the local run.");
    }
    String reference = route.needText("AuthorizerId");
    Resource authorizer =
        resources
            .referenced("AWS::ApiGatewayV2::Authorizer", reference)
            .orElseThrow(() ->
                route.wrong(
                    "AuthorizerId", "'" + reference + "' is not an authorizer of the template."));
    Props props = authorizer.props();
    if (!props.texts("IdentitySource").equals(List.of("$request.header.Authorization"))) {
      throw props.wrong(
          "IdentitySource", "the local run supports only $request.header.Authorization.");
    }
    Props jwt = props.below("JwtConfiguration");
    String issuer = jwt.needText("Issuer");
    if (!issuer.matches("https?://[^/\\s].*") || !isAddress(issuer)) {
      throw jwt.wrong("Issuer", "'" + issuer + "' is not the URL of an issuer.");
    }
    return Optional.of(
        new Access(
            authorizer.id(),
            URI.create(issuer),
            jwt.texts("Audience"),
            route.texts("AuthorizationScopes")));
  }

  /** Returns whether the text is a URL. A port must be from 1 to 65535. */
  private static boolean isAddress(String text) {
    try {
      int port = new URI(text).toURL().getPort();
      return port == -1 || (port > 0 && port <= 65_535);
    } catch (URISyntaxException | MalformedURLException e) {
      return false;
    }
  }
}

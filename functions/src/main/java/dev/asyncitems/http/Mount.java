package dev.asyncitems.http;

import com.amazonaws.services.lambda.runtime.events.APIGatewayV2HTTPEvent;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * The path under which the client of a request reaches the API.
 *
 * <p>An API mapping of a custom domain adds a path, which {@code rawPath} lacks. The stage variable
 * {@code basePath} names this path. A stage other than {@code $default} adds its name, which {@code
 * rawPath} includes ("Create AWS Lambda proxy integrations for HTTP APIs", payload format
 * differences).
 *
 * @param base the path before the API's own path, such as {@code /v1}; empty at the root
 * @param path the API's own path, such as {@code /items}
 */
record Mount(String base, String path) {
  // No segment is empty, since a link that begins with two slashes would lead to another host.
  private static final Pattern BASE = Pattern.compile("(/[A-Za-z0-9._-]+)+");

  static Mount of(APIGatewayV2HTTPEvent event) {
    String raw = Objects.requireNonNullElse(event.getRawPath(), "");
    Optional<String> mapping =
        Optional.ofNullable(event.getStageVariables().get("basePath")).filter(Mount::isBase);
    String stage = "/" + event.getRequestContext().getStage();
    String before =
        beforeRoute(event, raw)
            .or(() ->
                Stream.concat(mapping.stream(), Stream.of(stage))
                    .filter(base -> isBase(base) && (raw + "/").startsWith(base + "/"))
                    .findFirst())
            .orElse("");
    String path = raw.substring(before.length());
    return new Mount(mapping.orElse(before), path.isEmpty() ? "/" : path);
  }

  /** Returns the part of the path before the route's path; empty for {@code $default}. */
  private static Optional<String> beforeRoute(APIGatewayV2HTTPEvent event, String raw) {
    String key = event.getRouteKey();
    int slash = key.indexOf('/');
    if (slash < 0) {
      return Optional.empty();
    }
    String route = key.substring(slash);
    for (Map.Entry<String, String> parameter : event.getPathParameters().entrySet()) {
      String value = parameter.getValue();
      route =
          route
              .replace("{" + parameter.getKey() + "}", value)
              .replace("{" + parameter.getKey() + "+}", value);
    }
    String path = Request.withoutSlash(raw);
    String routePath = Request.withoutSlash(route);
    return path.endsWith(routePath)
        ? Optional.of(path.substring(0, path.length() - routePath.length()))
            .filter(before -> before.isEmpty() || isBase(before))
        : Optional.empty();
  }

  private static boolean isBase(String text) {
    return BASE.matcher(text).matches();
  }
}

package dev.asyncitems.http;

import com.amazonaws.services.lambda.runtime.events.APIGatewayV2HTTPEvent;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Where the API is mounted, for one request.
 *
 * <p>With an API mapping of a custom domain, {@code rawPath} does not have the mapping's path
 * ("Create AWS Lambda proxy integrations for HTTP APIs", payload format differences). The stage
 * variable {@code basePath} names it. {@code rawPath} does have the name of a stage that is not
 * {@code $default}.
 *
 * @param base what clients put before the API's own path, such as {@code /v1}; empty at the root
 * @param path the API's own path, such as {@code /items}
 */
record Mount(String base, String path) {
  // Each part has a character, so that no link begins with two slashes and leads to another host.
  private static final Pattern BASE = Pattern.compile("(/[A-Za-z0-9._-]+)+");

  /** Finds the mount of an event's request. */
  static Mount of(APIGatewayV2HTTPEvent event) {
    String raw = Objects.requireNonNullElse(event.getRawPath(), "");
    Optional<String> mapping = value(event.getStageVariables(), "basePath").filter(Mount::isBase);
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

  /** Returns what the path has before the route's path; empty for {@code $default}. */
  private static Optional<String> beforeRoute(APIGatewayV2HTTPEvent event, String raw) {
    String key = event.getRouteKey();
    int slash = key.indexOf('/');
    if (slash < 0) {
      return Optional.empty();
    }
    String route = key.substring(slash);
    int name = route.indexOf('{');
    if (name >= 0) {
      String parameter = route.substring(name + 1).replaceFirst("\\+?}$", "");
      route = route.substring(0, name) + value(event.getPathParameters(), parameter).orElse("{}");
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

  private static Optional<String> value(@Nullable Map<String, String> map, String name) {
    return Optional.ofNullable(map).map(all -> all.get(name));
  }
}

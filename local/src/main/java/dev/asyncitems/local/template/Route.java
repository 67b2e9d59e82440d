package dev.asyncitems.local.template;

import java.time.Duration;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/**
 * A route of the HTTP API and its function.
 *
 * @param id the logical id of the route, or the name of the function's event
 * @param method an HTTP method, {@code ANY}, or the empty string for {@code $default}
 * @param path such as {@code /things/{id}}, or {@code $default}
 * @param functionId the logical id of the function
 * @param timeout the timeout of the integration, at most 30 s
 * @param access the token that the route requires, if any
 */
public record Route(
    String id,
    String method,
    String path,
    String functionId,
    Duration timeout,
    Optional<Access> access) {

  /** The path of the route that matches all other requests. */
  public static final String DEFAULT = "$default";

  private static final int INTEGRATION_MILLIS = 30_000;
  private static final Set<String> METHODS =
      Set.of("GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS", "ANY");

  /** Creates a route that requires no token. */
  public Route(String id, String method, String path, String functionId, Duration timeout) {
    this(id, method, path, functionId, timeout, Optional.empty());
  }

  /** Reads a resource of type {@code AWS::ApiGatewayV2::Route}. */
  static Route of(Resource resource, Resources resources) {
    Props props = resource.props();
    String target = props.needText("Target");
    String reference =
        target.startsWith("integrations/") ? target.substring("integrations/".length()) : "";
    Props integration =
        resources
            .referenced("AWS::ApiGatewayV2::Integration", reference)
            .orElseThrow(() ->
                props.wrong("Target", "'" + target + "' is not an integration of the template."))
            .props();
    String type = integration.needText("IntegrationType");
    if (!type.equals("AWS_PROXY")) {
      throw integration.wrong("IntegrationType", type + " is not supported by the local run.");
    }
    requireVersionTwo(integration);
    int millis = integration.integer("TimeoutInMillis", INTEGRATION_MILLIS, 50, INTEGRATION_MILLIS);
    String functionId = resources.functionId(integration, "IntegrationUri");
    String key = props.needText("RouteKey");
    return of(resource.id(), props, "RouteKey", key, functionId, Duration.ofMillis(millis))
        .with(Access.of(props, resources));
  }

  /** Reads an event of type {@code HttpApi}. */
  static Route of(String functionId, String name, Props props) {
    requireVersionTwo(props);
    String key =
        props.has("Path")
            ? props.text("Method").orElse("ANY").toUpperCase(Locale.ROOT)
                + " "
                + props.needText("Path")
            : DEFAULT;
    return of(name, props, "Path", key, functionId, Duration.ofMillis(INTEGRATION_MILLIS));
  }

  private static Route of(
      String id, Props props, String property, String key, String functionId, Duration timeout) {
    if (key.equals(DEFAULT)) {
      return new Route(id, "", DEFAULT, functionId, timeout);
    }
    int space = key.indexOf(' ');
    String method = space < 0 ? "" : key.substring(0, space);
    String path = key.substring(space + 1);
    if (!METHODS.contains(method) || !path.startsWith("/")) {
      throw props.wrong(property, "'" + method + " " + path + "' is not a route key.");
    }
    if (path.length() > 1 && path.endsWith("/")) {
      throw props.wrong(property, "a route of an HTTP API must not end in a slash.");
    }
    int greedy = path.indexOf("+}");
    if (greedy >= 0 && greedy != path.length() - 2) {
      throw props.wrong(property, "only the last segment of a route can be greedy.");
    }
    return new Route(id, method, path, functionId, timeout);
  }

  private Route with(Optional<Access> required) {
    return new Route(id, method, path, functionId, timeout, required);
  }

  private static void requireVersionTwo(Props props) {
    if (!props.text("PayloadFormatVersion").orElse("2.0").equals("2.0")) {
      throw props.wrong("PayloadFormatVersion", "the local run supports only 2.0.");
    }
  }

  /** Returns the route key in events, such as {@code GET /things/{id}}. */
  public String key() {
    return isDefault() ? DEFAULT : method + " " + path;
  }

  public boolean isDefault() {
    return path.equals(DEFAULT);
  }
}

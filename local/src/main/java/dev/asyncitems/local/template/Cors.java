package dev.asyncitems.local.template;

import java.util.List;
import java.util.Optional;

/**
 * The {@code CorsConfiguration} of an API. Header names and methods are spelled as in the template.
 *
 * @param maxAge the time for which a browser may cache a preflight's response, in seconds
 */
public record Cors(
    List<String> allowOrigins,
    List<String> allowMethods,
    List<String> allowHeaders,
    List<String> exposeHeaders,
    Optional<Integer> maxAge,
    boolean allowCredentials) {

  static Cors of(Props props) {
    return new Cors(
        props.texts("AllowOrigins"),
        props.texts("AllowMethods"),
        props.texts("AllowHeaders"),
        props.texts("ExposeHeaders"),
        props.has("MaxAge")
            ? Optional.of(props.integer("MaxAge", 0, -1, 86_400))
            : Optional.empty(),
        props.flag("AllowCredentials", false));
  }
}

package dev.asyncitems.local.template;

import java.util.List;
import java.util.Optional;

/**
 * What pages of other origins may do (an API's {@code CorsConfiguration}). Header names and methods
 * are as the template has them.
 *
 * @param maxAge the seconds for which a preflight's answer may be kept, if the template says so
 */
public record Cors(
    List<String> allowOrigins,
    List<String> allowMethods,
    List<String> allowHeaders,
    List<String> exposeHeaders,
    Optional<Integer> maxAge,
    boolean allowCredentials) {

  public Cors {
    allowOrigins = List.copyOf(allowOrigins);
    allowMethods = List.copyOf(allowMethods);
    allowHeaders = List.copyOf(allowHeaders);
    exposeHeaders = List.copyOf(exposeHeaders);
  }
}

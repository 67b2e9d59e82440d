package dev.asyncitems.local.page;

import dev.asyncitems.local.http.Loopback;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.eclipse.jetty.http.HttpFields;

/**
 * Keeps other pages out that the developer's browser has open: those of another origin, and those
 * whose name was made to lead to the loopback address (DNS rebinding).
 */
final class Guard {

  /** What the page's script sends with an action: no form can, and no other origin may. */
  static final String ACTION = "X-Local-Page";

  private static final Set<String> OWN = Set.of("same-origin", "none");

  private Guard() {}

  /** Why a request is refused, in a sentence; empty if it is let in. */
  static Optional<String> refusal(String method, HttpFields headers) {
    List<String> hosts = headers.getValuesList("Host");
    if (hosts.size() != 1 || !Loopback.isHost(hosts.get(0))) {
      return Optional.of("The page answers to localhost and to loopback addresses only.");
    }
    boolean action = !method.equals("GET") && !method.equals("HEAD");
    String site = headers.get("Sec-Fetch-Site");
    boolean link = !action && "navigate".equals(headers.get("Sec-Fetch-Mode"));
    if (site != null && !OWN.contains(site) && !link) {
      return Optional.of("The page answers to itself only.");
    }
    String origin = headers.get("Origin");
    if (origin != null && !origin.equalsIgnoreCase("http://" + hosts.get(0))) {
      return Optional.of("The page answers to itself only.");
    }
    if (action && headers.get(ACTION) == null) {
      return Optional.of("An action needs the header " + ACTION + ".");
    }
    return Optional.empty();
  }
}

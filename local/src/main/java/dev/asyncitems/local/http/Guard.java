package dev.asyncitems.local.http;

import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.regex.Pattern;

/**
 * Keeps the web pages that a developer's browser has open away from what a run serves: pages of
 * another origin, and pages whose name leads to this machine (DNS rebinding). Programs that are no
 * browser, such as an AWS SDK or curl, pass. Everything that a run listens with asks a guard first.
 * Immutable.
 */
public final class Guard {

  /** Accepts the names of this machine alone. */
  public static final Guard LOOPBACK = new Guard(Optional.empty());

  /**
   * What the public DNS can't hold, so that no page can be served under it: an address, a name
   * without a dot, and the names that are reserved (RFC 6761; ICANN for {@code .internal}, under
   * which containers find their host).
   */
  private static final Pattern LOCAL =
      Pattern.compile(
          "(\\d{1,3}(\\.\\d{1,3}){3}|\\[[0-9a-f:.]+]|[a-z0-9_-]+"
              + "|([a-z0-9_-]+\\.)+(localhost|internal))(:\\d{1,5})?",
          Pattern.CASE_INSENSITIVE);

  private static final Set<String> OWN_SITE = Set.of("same-origin", "none");

  private final Optional<Set<String>> names;

  private Guard(Optional<Set<String>> names) {
    this.names = names;
  }

  /**
   * Accepts every name that no other site can have, so that containers reach what listens for them.
   *
   * @param names further ones, in lower case, without a port
   */
  public static Guard local(Set<String> names) {
    return new Guard(Optional.of(Set.copyOf(names)));
  }

  /**
   * Why a request is refused, in a sentence; empty if it may go on.
   *
   * @param headers gives the values of a header by its name, in whatever case
   */
  public Optional<String> refusal(Function<String, List<String>> headers) {
    return host(headers).or(() -> site(headers));
  }

  /** Why the name by which a request came is refused, in a sentence; empty if it is accepted. */
  public Optional<String> host(Function<String, List<String>> headers) {
    List<String> hosts = headers.apply("Host");
    if (hosts.size() == 1 && accepts(hosts.getFirst())) {
      return Optional.empty();
    }
    return Optional.of(
        names.isEmpty()
            ? "The local run answers here to localhost and to loopback addresses only."
            : "The local run doesn't answer to this Host, which a web page could have made to lead"
                + " here: use an IP address or localhost, or start the run with --host NAME.");
  }

  private boolean accepts(String host) {
    return names
        .map(more ->
            LOCAL.matcher(host).matches()
                || more.contains(host.replaceFirst(":\\d+$", "").toLowerCase(Locale.ROOT)))
        .orElseGet(() -> Loopback.isHost(host));
  }

  /**
   * Why a page is refused, in a sentence; empty if no page of another origin asks. A browser says
   * so in {@code Sec-Fetch-Site}, which proxies of a developer's own pages pass on; only older ones
   * are known by {@code Origin}.
   */
  public static Optional<String> site(Function<String, List<String>> headers) {
    List<String> sites = headers.apply("Sec-Fetch-Site");
    boolean own =
        sites.isEmpty()
            ? headers.apply("Origin").stream().allMatch(origin -> isOwn(origin, headers))
            : OWN_SITE.containsAll(sites);
    return own
        ? Optional.empty()
        : Optional.of("The local run doesn't answer to web pages of another origin.");
  }

  private static boolean isOwn(String origin, Function<String, List<String>> headers) {
    return headers.apply("Host").stream()
        .anyMatch(host -> origin.equalsIgnoreCase("http://" + host));
  }
}

package dev.asyncitems.local.http;

import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.regex.Pattern;
import org.eclipse.jetty.http.HttpFields;

/**
 * Keeps the web pages that a developer's browser has open away from what a run serves: pages of
 * another origin, and pages whose name leads to this machine (DNS rebinding). Programs that are no
 * browser, such as an AWS SDK or curl, pass. Everything that a run listens with asks a guard first.
 * Immutable.
 */
public final class Guard {

  /** Accepts the names of this machine alone. */
  public static final Guard LOOPBACK = new Guard(Set.of(), Reach.LOOPBACK_NAMES);

  /** Names below {@code localhost}, which lead to loopback addresses (RFC 6761, section 6.3). */
  private static final Pattern BELOW_LOCALHOST =
      Pattern.compile("([a-z0-9_-]+\\.)+localhost(:\\d{1,5})?", Pattern.CASE_INSENSITIVE);

  /**
   * Addresses that systems lead to loopback addresses: the unspecified ones and IPv4-mapped ones.
   * Browsers do not take them for loopback addresses, and no client needs them.
   */
  private static final Pattern DISGUISED =
      Pattern.compile(
          "(0+(\\.0+){0,3}|\\[[0:]+]|\\[[0:]*:ffff:[0-9a-f.:]+])(:\\d{1,5})?",
          Pattern.CASE_INSENSITIVE);

  /**
   * Hosts that the public DNS can't hold, so that no site has them: an address, a name without a
   * dot, and the names below {@code .internal}, which ICANN reserves and under which containers
   * find their host.
   */
  private static final Pattern OF_NO_SITE =
      Pattern.compile(
          "(\\d{1,3}(\\.\\d{1,3}){3}|\\[[0-9a-f:.]+]|[a-z0-9_-]+|([a-z0-9_-]+\\.)+internal)"
              + "(:\\d{1,5})?",
          Pattern.CASE_INSENSITIVE);

  private static final Set<String> OWN_SITE = Set.of("same-origin", "none");

  /** The hosts that a guard accepts besides those that it is told. */
  private enum Reach {
    LOOPBACK_NAMES,
    LOOPBACK,
    CONTAINERS
  }

  private final Set<String> names;
  private final Reach reach;

  private Guard(Set<String> names, Reach reach) {
    this.names = Set.copyOf(names);
    this.reach = reach;
  }

  /**
   * Accepts loopback addresses, {@code localhost} and the names below it.
   *
   * @param names further names, in lower case, without a port
   * @param containers whether to accept every host that no site can have too, so that containers
   *     reach the engines
   */
  public static Guard local(Set<String> names, boolean containers) {
    return new Guard(names, containers ? Reach.CONTAINERS : Reach.LOOPBACK);
  }

  /** Returns what gives the values of a header by its name; an empty one is not null here. */
  public static Function<String, List<String>> values(HttpFields headers) {
    return name ->
        headers.stream()
            .filter(field -> field.is(name))
            .map(field -> Objects.requireNonNullElse(field.getValue(), ""))
            .toList();
  }

  /**
   * Why a request is refused, in a sentence; empty if it may go on.
   *
   * @param headers gives the values of a header by its name, in whatever case
   */
  public Optional<String> refusal(Function<String, List<String>> headers) {
    return host(headers).or(() -> site(headers));
  }

  /**
   * Returns why the host that a request names is refused, in a sentence; empty if it is accepted.
   */
  public Optional<String> host(Function<String, List<String>> headers) {
    List<String> hosts = headers.apply("Host");
    if (hosts.size() == 1 && isLoopback(hosts.getFirst())) {
      return Optional.empty();
    }
    if (reach == Reach.LOOPBACK_NAMES) {
      return Optional.of("The local run answers here to localhost and to loopback addresses only.");
    }
    if (hosts.size() != 1 || !accepts(hosts.getFirst())) {
      return Optional.of(
          "The local run doesn't answer to this Host, which a web page could have made to lead"
              + " here: use localhost or 127.0.0.1, or start the run with --host NAME or, for"
              + " containers, with --engine-host.");
    }
    return hidesItsPage(headers)
        ? Optional.of(
            "The local run doesn't answer to browsers by this Host, since they don't say whose page"
                + " asks: use localhost or 127.0.0.1.")
        : Optional.empty();
  }

  private boolean isLoopback(String host) {
    return Loopback.isHost(host)
        || (reach != Reach.LOOPBACK_NAMES && BELOW_LOCALHOST.matcher(host).matches());
  }

  private boolean accepts(String host) {
    return !DISGUISED.matcher(host).matches()
        && (names.contains(host.replaceFirst(":\\d+$", "").toLowerCase(Locale.ROOT))
            || (reach == Reach.CONTAINERS && OF_NO_SITE.matcher(host).matches()));
  }

  /**
   * Whether a browser asks that doesn't say whose page does. By HTTP, browsers send {@code
   * Sec-Fetch-Site} to loopback hosts only, and no {@code Origin} with an image or a link. SDKs and
   * tools of the command line have a {@code User-Agent} of their own.
   */
  private static boolean hidesItsPage(Function<String, List<String>> headers) {
    return headers.apply("Sec-Fetch-Site").isEmpty()
        && headers.apply("User-Agent").stream().anyMatch(agent -> agent.startsWith("Mozilla/"));
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

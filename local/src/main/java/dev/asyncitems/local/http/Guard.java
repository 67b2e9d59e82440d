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
 * A check that rejects requests from web pages of other origins. This includes pages whose host
 * name points to this machine (DNS rebinding). Programs other than browsers, such as AWS SDKs or
 * curl, pass if they use an accepted host. Every server of a run asks a guard first. Immutable.
 */
public final class Guard {

  /** The guard that accepts only {@code localhost} and loopback addresses. */
  public static final Guard LOOPBACK = new Guard(Set.of(), Reach.LOOPBACK_NAMES);

  /** Names below {@code localhost} resolve to loopback addresses (RFC 6761, section 6.3). */
  private static final Pattern BELOW_LOCALHOST =
      Pattern.compile("([a-z0-9_-]+\\.)+localhost(:\\d{1,5})?", Pattern.CASE_INSENSITIVE);

  /**
   * Unspecified and IPv4-mapped addresses. They can reach this machine, but browsers do not treat
   * them as loopback addresses. Clients do not need them.
   */
  private static final Pattern LOOPBACK_ALIAS =
      Pattern.compile(
          "(0+(\\.0+){0,3}|\\[[0:]+]|\\[[0:]*:ffff:[0-9a-f.:]+])(:\\d{1,5})?",
          Pattern.CASE_INSENSITIVE);

  /**
   * IP addresses, names without a dot, and names below {@code .internal} (reserved by ICANN). The
   * public DNS cannot contain them. Containers call this machine by such hosts.
   */
  private static final Pattern NOT_IN_PUBLIC_DNS =
      Pattern.compile(
          "(\\d{1,3}(\\.\\d{1,3}){3}|\\[[0-9a-f:.]+]|[a-z0-9_-]+|([a-z0-9_-]+\\.)+internal)"
              + "(:\\d{1,5})?",
          Pattern.CASE_INSENSITIVE);

  private static final Set<String> OWN_SITE = Set.of("same-origin", "none");

  /** The hosts that a guard accepts in addition to its names. */
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
   * Returns a guard that accepts loopback addresses, {@code localhost} and {@code *.localhost}.
   *
   * @param names further host names, in lower case, without a port
   * @param containers whether to accept hosts outside the public DNS, by which containers reach the
   *     engines
   */
  public static Guard local(Set<String> names, boolean containers) {
    return new Guard(names, containers ? Reach.CONTAINERS : Reach.LOOPBACK);
  }

  /** Returns a function that finds a header's values by its name. No value is null. */
  public static Function<String, List<String>> values(HttpFields headers) {
    return name ->
        headers.stream()
            .filter(field -> field.is(name))
            .map(field -> Objects.requireNonNullElse(field.getValue(), ""))
            .toList();
  }

  /**
   * Returns the reason for rejecting a request, if any.
   *
   * @param headers returns the values of a header by its name, in any case
   */
  public Optional<String> rejection(Function<String, List<String>> headers) {
    return host(headers).or(() -> site(headers));
  }

  /** Returns the reason for rejecting a request because of its {@code Host}, if any. */
  public Optional<String> host(Function<String, List<String>> headers) {
    List<String> hosts = headers.apply("Host");
    if (hosts.size() == 1 && isLoopback(hosts.getFirst())) {
      return Optional.empty();
    }
    if (reach == Reach.LOOPBACK_NAMES) {
      return Optional.of(
          "The local run accepts only localhost and loopback addresses as Host here.");
    }
    if (hosts.size() != 1 || !accepts(hosts.getFirst())) {
      return Optional.of(
          "The local run rejects this Host, because a web page may have pointed it to this machine."
              + " Use localhost or 127.0.0.1, start the run with --host NAME or, for containers,"
              + " with --engine-host.");
    }
    return hidesOrigin(headers)
        ? Optional.of(
            "The local run rejects browsers with this Host, because they don't send the page's"
                + " origin: use localhost or 127.0.0.1.")
        : Optional.empty();
  }

  private boolean isLoopback(String host) {
    return Loopback.isHost(host)
        || (reach != Reach.LOOPBACK_NAMES && BELOW_LOCALHOST.matcher(host).matches());
  }

  private boolean accepts(String host) {
    return !LOOPBACK_ALIAS.matcher(host).matches()
        && (names.contains(host.replaceFirst(":\\d+$", "").toLowerCase(Locale.ROOT))
            || (reach == Reach.CONTAINERS && NOT_IN_PUBLIC_DNS.matcher(host).matches()));
  }

  /**
   * Returns whether a browser may hide the page's origin. Over plain HTTP, browsers send {@code
   * Sec-Fetch-Site} only to loopback hosts. They send no {@code Origin} for images and links. The
   * {@code User-Agent} distinguishes browsers from SDKs and command-line tools.
   */
  private static boolean hidesOrigin(Function<String, List<String>> headers) {
    return headers.apply("Sec-Fetch-Site").isEmpty()
        && headers.apply("User-Agent").stream().anyMatch(agent -> agent.startsWith("Mozilla/"));
  }

  /**
   * Returns the reason for rejecting the page's origin, if any. Current browsers send {@code
   * Sec-Fetch-Site}, and development proxies pass it on. Older browsers need the check of {@code
   * Origin}.
   */
  public static Optional<String> site(Function<String, List<String>> headers) {
    List<String> sites = headers.apply("Sec-Fetch-Site");
    boolean own =
        sites.isEmpty()
            ? headers.apply("Origin").stream().allMatch(origin -> isOwn(origin, headers))
            : OWN_SITE.containsAll(sites);
    return own
        ? Optional.empty()
        : Optional.of("The local run rejects requests from web pages of another origin.");
  }

  private static boolean isOwn(String origin, Function<String, List<String>> headers) {
    return headers.apply("Host").stream()
        .anyMatch(host -> origin.equalsIgnoreCase("http://" + host));
  }
}

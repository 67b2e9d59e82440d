package dev.asyncitems.local.http;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.UnknownHostException;
import java.util.List;
import java.util.regex.Pattern;

/**
 * The loopback names and addresses. A server that accepts other names is open to DNS rebinding. A
 * web page whose host name points to this machine could then read the server's data.
 */
public final class Loopback {
  private static final Pattern HOST =
      Pattern.compile(
          "(localhost|127(\\.\\d{1,3}){3}|\\[::1])(:\\d{1,5})?", Pattern.CASE_INSENSITIVE);

  private static final String IPV4 = "127.0.0.1";
  private static final String IPV6 = "::1";
  private static final boolean HAS_IPV6 = canListen(IPV6);

  private Loopback() {}

  /**
   * Returns the addresses to listen on for a host. Some programs resolve {@code localhost} only to
   * {@code ::1}. So a server on {@code 127.0.0.1} also listens on {@code ::1} if it exists.
   */
  public static List<String> addresses(String host) {
    return host.equals(IPV4) && HAS_IPV6 ? List.of(IPV4, IPV6) : List.of(host);
  }

  /** Returns whether only this machine can reach a server on this address. */
  public static boolean isAddress(String host) {
    try {
      return InetAddress.getByName(host).isLoopbackAddress();
    } catch (UnknownHostException e) {
      return true; // No server can listen there.
    }
  }

  private static boolean canListen(String address) {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getByName(address))) {
      return socket.isBound();
    } catch (IOException e) {
      return false;
    }
  }

  /** Returns whether a {@code Host} header or a URI's authority names this machine. */
  public static boolean isHost(String value) {
    return HOST.matcher(value).matches();
  }
}

package dev.asyncitems.local.http;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.UnknownHostException;
import java.util.List;
import java.util.regex.Pattern;

/**
 * Names of this machine alone. Who answers to others too can be read by a page whose name was made
 * to lead here (DNS rebinding).
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
   * The addresses to listen on for an address. {@code localhost} leads some programs to {@code ::1}
   * alone, so who listens on {@code 127.0.0.1} listens there too, where the machine has it.
   */
  public static List<String> addresses(String host) {
    return host.equals(IPV4) && HAS_IPV6 ? List.of(IPV4, IPV6) : List.of(host);
  }

  /** Returns whether a server that listens on this address is reached from this machine alone. */
  public static boolean isAddress(String host) {
    try {
      return InetAddress.getByName(host).isLoopbackAddress();
    } catch (UnknownHostException e) {
      return true; // nothing can listen there
    }
  }

  private static boolean canListen(String address) {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getByName(address))) {
      return socket.isBound();
    } catch (IOException e) {
      return false;
    }
  }

  /** Whether the value of a header {@code Host}, or a URI's authority, is such a name. */
  public static boolean isHost(String value) {
    return HOST.matcher(value).matches();
  }
}

package dev.asyncitems.local.http;

import java.util.regex.Pattern;

/**
 * Names of this machine alone. Who answers to others too can be read by a page whose name was made
 * to lead here (DNS rebinding).
 */
public final class Loopback {
  private static final Pattern HOST =
      Pattern.compile(
          "(localhost|127(\\.\\d{1,3}){3}|\\[::1])(:\\d{1,5})?", Pattern.CASE_INSENSITIVE);

  private Loopback() {}

  /** Whether the value of a header {@code Host}, or a URI's authority, is such a name. */
  public static boolean isHost(String value) {
    return HOST.matcher(value).matches();
  }
}

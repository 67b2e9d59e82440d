package dev.asyncitems.local;

/** The route that a path with a slash at its end, such as {@code /things/}, matches. */
public enum Slashes {
  /** The route of the path without it. */
  MATCH,
  /** No route but {@code $default}. */
  DEFAULT
}

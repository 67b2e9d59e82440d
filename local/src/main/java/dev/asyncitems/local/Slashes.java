package dev.asyncitems.local;

/** What a path that ends in a slash, such as {@code /things/}, matches. */
public enum Slashes {
  /** The route of the path without it. */
  MATCH,
  /** No route but {@code $default}. */
  DEFAULT
}

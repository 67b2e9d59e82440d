package dev.asyncitems.local;

/** The setting for the route of a path that ends in a slash, such as {@code /things/}. */
public enum Slashes {
  /** The route without the slash. */
  MATCH,
  /** The {@code $default} route. */
  DEFAULT
}

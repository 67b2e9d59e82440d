package dev.asyncitems.local;

/** The ways to route a path that ends in a slash, such as {@code /things/}. */
public enum Slashes {
  /** To the route that matches the path without the slash. */
  MATCH,
  /** To the route {@code $default}. */
  DEFAULT
}

package dev.asyncitems.rejection;

/**
 * A rule that a value breaks.
 *
 * @param pointer the part of the value as a JSON pointer (RFC 6901), such as {@code /tags/2}; empty
 *     for the whole value
 * @param detail the rule, such as {@code must not be blank}
 */
public record Fault(String pointer, String detail) {}

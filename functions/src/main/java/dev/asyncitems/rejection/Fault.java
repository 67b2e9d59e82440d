package dev.asyncitems.rejection;

/**
 * A rule that a value breaks.
 *
 * @param member the part of the value, such as {@code name} or {@code tags/2}
 * @param detail the rule, such as {@code must not be blank}
 */
public record Fault(String member, String detail) {}

package dev.asyncitems.rejection;

/**
 * A rule that a value breaks.
 *
 * @param member the part of the value that breaks it, such as {@code name} or {@code tags/2}
 * @param detail what it must be
 */
public record Fault(String member, String detail) {}

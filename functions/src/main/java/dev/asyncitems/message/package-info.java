/**
 * The format of the messages of background tasks: how their body is written and read, and the names
 * of their attributes.
 *
 * <p>The command {@code dead-letters} compiles this package too, for an older Java: see {@code
 * docs/decisions/0029-one-message-format.md}.
 */
@NullMarked
package dev.asyncitems.message;

import org.jspecify.annotations.NullMarked;

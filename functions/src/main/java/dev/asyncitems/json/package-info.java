/**
 * JSON values, read by a streaming parser and written by its generator.
 *
 * <p>The command {@code dead-letters} compiles this package too, for an older Java: see {@code
 * docs/decisions/0029-one-message-format.md}.
 */
@NullMarked
package dev.asyncitems.json;

import org.jspecify.annotations.NullMarked;

/**
 * The messages of background tasks. The command {@code dead-letters} also compiles this package,
 * for an older Java (docs/decisions/0029).
 */
@NullMarked
package dev.asyncitems.message;

import org.jspecify.annotations.NullMarked;

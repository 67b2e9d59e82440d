/**
 * The messages of background tasks. The build of {@code deadletters/} also compiles this package,
 * for Java 17 (docs/decisions/0029).
 */
@NullMarked
package dev.asyncitems.message;

import org.jspecify.annotations.NullMarked;

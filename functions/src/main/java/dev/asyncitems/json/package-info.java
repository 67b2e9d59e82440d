/**
 * JSON values, parsers and the generator. The command {@code dead-letters} also compiles this
 * package, for an older Java (docs/decisions/0029).
 */
@NullMarked
package dev.asyncitems.json;

import org.jspecify.annotations.NullMarked;

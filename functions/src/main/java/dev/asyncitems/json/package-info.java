/**
 * JSON values, parsers and the generator. The build of {@code deadletters/} also compiles this
 * package, for Java 17 (docs/decisions/0029).
 */
@NullMarked
package dev.asyncitems.json;

import org.jspecify.annotations.NullMarked;

/**
 * Building blocks of the domain's values: texts, times and ids.
 *
 * <p>This package depends only on the JDK. Everything in it is immutable and thread-safe.
 */
@NullMarked
package dev.asyncitems.value;

import org.jspecify.annotations.NullMarked;

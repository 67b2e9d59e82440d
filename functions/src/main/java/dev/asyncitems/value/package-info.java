/**
 * What the domain's values are made of: texts, times and ids.
 *
 * <p>Depends on the JDK alone. Everything here is immutable and safe for use by any number of
 * threads.
 */
@NullMarked
package dev.asyncitems.value;

import org.jspecify.annotations.NullMarked;

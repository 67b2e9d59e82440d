/**
 * The request id and the trace header that travel with a background task.
 *
 * <p>Depends on the JDK alone. Everything here is immutable.
 */
@NullMarked
package dev.asyncitems.trace;

import org.jspecify.annotations.NullMarked;

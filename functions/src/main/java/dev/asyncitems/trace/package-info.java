/**
 * The request id and the trace header that travel with a background task.
 *
 * <p>This package depends only on the JDK. Everything in it is immutable.
 */
@NullMarked
package dev.asyncitems.trace;

import org.jspecify.annotations.NullMarked;

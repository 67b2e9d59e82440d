/**
 * Idempotency keys and the results of requests that use them.
 *
 * <p>This package depends only on the JDK. Everything in it is immutable.
 */
@NullMarked
package dev.asyncitems.idempotency;

import org.jspecify.annotations.NullMarked;

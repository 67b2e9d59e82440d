/**
 * Calls to the store and the queue as the domain sees them: deadlines, failures and backoff.
 *
 * <p>This package depends only on the JDK. Everything in it is thread-safe.
 */
@NullMarked
package dev.asyncitems.call;

import org.jspecify.annotations.NullMarked;

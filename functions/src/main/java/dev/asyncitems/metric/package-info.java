/**
 * The metrics of a function, and the counters of contention in its store.
 *
 * <p>This package depends only on the JDK. Everything in it is thread-safe.
 */
@NullMarked
package dev.asyncitems.metric;

import org.jspecify.annotations.NullMarked;

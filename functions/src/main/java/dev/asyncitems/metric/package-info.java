/**
 * The metrics of a function, and the counts that its store collects for the next log line.
 *
 * <p>Depends on the JDK alone. Everything here is safe for use by any number of threads.
 */
@NullMarked
package dev.asyncitems.metric;

import org.jspecify.annotations.NullMarked;

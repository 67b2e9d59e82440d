/**
 * A call to the store or the queue, as the domain sees it: its deadline, the ways in which it
 * fails, and the pause before it is made again.
 *
 * <p>Depends on the JDK alone. Everything here is safe for use by any number of threads.
 */
@NullMarked
package dev.asyncitems.call;

import org.jspecify.annotations.NullMarked;

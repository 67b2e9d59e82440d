/**
 * Pages of a list and the positions between them.
 *
 * <p>Depends on the JDK alone. Everything here is immutable.
 */
@NullMarked
package dev.asyncitems.paging;

import org.jspecify.annotations.NullMarked;

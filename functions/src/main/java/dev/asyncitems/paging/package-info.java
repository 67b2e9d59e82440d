/**
 * Pages of lists and the positions between them.
 *
 * <p>This package depends only on the JDK. Everything in it is immutable.
 */
@NullMarked
package dev.asyncitems.paging;

import org.jspecify.annotations.NullMarked;

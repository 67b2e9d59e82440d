/** Pages of lists and positions in lists. Types are immutable and depend only on the JDK. */
@NullMarked
package dev.asyncitems.paging;

import org.jspecify.annotations.NullMarked;

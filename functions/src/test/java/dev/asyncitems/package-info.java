/** What holds for the whole of the functions' code. */
@NullMarked
package dev.asyncitems;

import org.jspecify.annotations.NullMarked;

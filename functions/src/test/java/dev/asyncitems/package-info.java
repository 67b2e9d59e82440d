/** Rules that hold for all code of the functions. */
@NullMarked
package dev.asyncitems;

import org.jspecify.annotations.NullMarked;

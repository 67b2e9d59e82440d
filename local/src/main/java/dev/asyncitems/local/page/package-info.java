/** The page on which a run is watched. */
@NullMarked
package dev.asyncitems.local.page;

import org.jspecify.annotations.NullMarked;

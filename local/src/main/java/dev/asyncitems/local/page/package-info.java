/** The page on which developers watch a run. */
@NullMarked
package dev.asyncitems.local.page;

import org.jspecify.annotations.NullMarked;

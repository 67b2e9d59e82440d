/** The page for watching a run. */
@NullMarked
package dev.asyncitems.local.page;

import org.jspecify.annotations.NullMarked;

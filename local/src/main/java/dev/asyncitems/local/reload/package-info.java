/** The reloading of recompiled classes during a run. */
@NullMarked
package dev.asyncitems.local.reload;

import org.jspecify.annotations.NullMarked;

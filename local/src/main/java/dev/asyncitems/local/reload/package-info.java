/** Reloads recompiled classes while a run continues. */
@NullMarked
package dev.asyncitems.local.reload;

import org.jspecify.annotations.NullMarked;

/** Takes up recompiled classes while a run goes on. */
@NullMarked
package dev.asyncitems.local.reload;

import org.jspecify.annotations.NullMarked;

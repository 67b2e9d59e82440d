/** The priming of functions before Lambda takes a snapshot of their environment. */
@NullMarked
package dev.asyncitems.snapstart;

import org.jspecify.annotations.NullMarked;

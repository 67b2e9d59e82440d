/** A command line for the jobs that were given up: looks at them, replays them, discards them. */
@NullMarked
package dev.asyncitems.deadletters;

import org.jspecify.annotations.NullMarked;

/**
 * Priming: what a function does before Lambda takes a snapshot of its environment, against an
 * engine in the same process.
 */
@NullMarked
package dev.asyncitems.snapstart;

import org.jspecify.annotations.NullMarked;

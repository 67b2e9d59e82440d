/** A command that lists, replays and discards dead-lettered messages. */
@NullMarked
package dev.asyncitems.deadletters;

import org.jspecify.annotations.NullMarked;

/** The triggers other than HTTP requests: event source mappings and schedules. */
@NullMarked
package dev.asyncitems.local.trigger;

import org.jspecify.annotations.NullMarked;

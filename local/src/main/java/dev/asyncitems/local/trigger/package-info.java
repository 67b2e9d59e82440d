/**
 * The triggers that invoke functions without an HTTP request: event source mappings and schedules.
 */
@NullMarked
package dev.asyncitems.local.trigger;

import org.jspecify.annotations.NullMarked;

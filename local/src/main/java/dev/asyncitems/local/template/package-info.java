/**
 * Reads a SAM template: its functions, routes, tables, queues, mappings and schedules, resolved.
 */
@NullMarked
package dev.asyncitems.local.template;

import org.jspecify.annotations.NullMarked;

/**
 * Reads a SAM template and resolves its functions, routes, tables, queues, mappings and schedules.
 */
@NullMarked
package dev.asyncitems.local.template;

import org.jspecify.annotations.NullMarked;

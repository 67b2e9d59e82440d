/**
 * A reader of SAM templates and their functions, routes, tables, queues, mappings and schedules.
 */
@NullMarked
package dev.asyncitems.local.template;

import org.jspecify.annotations.NullMarked;

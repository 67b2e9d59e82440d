/**
 * A reader of SAM templates, which resolves their functions, routes, tables, queues, mappings and
 * schedules.
 */
@NullMarked
package dev.asyncitems.local.template;

import org.jspecify.annotations.NullMarked;

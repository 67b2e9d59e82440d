/** What invokes functions without a request: mappings from queues, and schedules. */
@NullMarked
package dev.asyncitems.local.trigger;

import org.jspecify.annotations.NullMarked;

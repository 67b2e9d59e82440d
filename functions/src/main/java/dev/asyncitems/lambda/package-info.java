/**
 * The shells (entry points) of the functions, for HTTP requests, batches of messages and schedules.
 * A shell reads the event, waits for the result, and writes the response and a log line. This
 * package does not depend on items, notifications or the SDK.
 */
@NullMarked
package dev.asyncitems.lambda;

import org.jspecify.annotations.NullMarked;

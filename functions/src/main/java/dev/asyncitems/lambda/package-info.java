/**
 * The shells between Lambda and the functions: for HTTP requests, for batches of the queue and for
 * ticks of a schedule. Each reads the event, waits for the result, writes the response and the log
 * line.
 *
 * <p>Knows nothing of items, notifications or the SDK. The one blocking wait of the main code is in
 * {@link dev.asyncitems.lambda.Invocation}.
 */
@NullMarked
package dev.asyncitems.lambda;

import org.jspecify.annotations.NullMarked;

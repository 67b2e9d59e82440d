/**
 * The shells between Lambda and the functions, for HTTP requests, batches of messages and ticks of
 * a schedule. A shell reads the event, waits for the result, and writes the response and a log
 * line.
 *
 * <p>This package knows neither items and notifications nor the SDK. {@link
 * dev.asyncitems.lambda.Invocation} has the only blocking wait of the main code.
 */
@NullMarked
package dev.asyncitems.lambda;

import org.jspecify.annotations.NullMarked;

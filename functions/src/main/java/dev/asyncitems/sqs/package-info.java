/**
 * The SQS adapter: the queue of notifications and the dead-letter queue.
 *
 * <p>Everything here is safe for use by any number of threads.
 */
@NullMarked
package dev.asyncitems.sqs;

import org.jspecify.annotations.NullMarked;

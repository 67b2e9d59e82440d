/**
 * The SQS adapter: the queues of background tasks, their dead-letter queues, and what the consumer
 * does with a delivered message. Everything here is thread-safe.
 */
@NullMarked
package dev.asyncitems.sqs;

import org.jspecify.annotations.NullMarked;

/**
 * The adapter for SQS, with the queues of background tasks, their dead-letter queues, and the
 * consumer's operations on delivered messages. Everything in this package is thread-safe.
 */
@NullMarked
package dev.asyncitems.sqs;

import org.jspecify.annotations.NullMarked;

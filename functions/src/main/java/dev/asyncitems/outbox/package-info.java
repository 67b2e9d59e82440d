/**
 * The transactional outbox: background tasks that are accepted once and take effect once.
 *
 * <p>The row is the truth and a message is only its id. A request writes the row with an outbox
 * entry, then sends the message. The consumer runs the task for each message. The relay dispatches
 * entries that are due, because their message was lost or never sent.
 *
 * <p>Nothing here knows what a task does, DynamoDB, SQS or Lambda.
 */
@NullMarked
package dev.asyncitems.outbox;

import org.jspecify.annotations.NullMarked;

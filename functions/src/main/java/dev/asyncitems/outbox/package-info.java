/**
 * The transactional outbox: background tasks that are accepted once and take effect once.
 *
 * <p>The row is the truth and a message is only its id. A request writes the row with an outbox
 * entry, then sends the message. The consumer runs the task for each message. The relay dispatches
 * due entries, whose message was lost or never sent.
 *
 * <p>This package knows neither the effects of tasks nor DynamoDB, SQS and Lambda.
 */
@NullMarked
package dev.asyncitems.outbox;

import org.jspecify.annotations.NullMarked;

/**
 * The transactional outbox: background tasks that are accepted once and take effect once.
 *
 * <p>The row holds a task's state, and a message holds only the row's id. A request writes the row
 * with an outbox entry, then sends the message. The consumer runs the task for each message. The
 * relay dispatches due entries, whose message was lost or never sent.
 *
 * <p>This package does not depend on the effects of tasks, on DynamoDB, SQS or Lambda.
 */
@NullMarked
package dev.asyncitems.outbox;

import org.jspecify.annotations.NullMarked;

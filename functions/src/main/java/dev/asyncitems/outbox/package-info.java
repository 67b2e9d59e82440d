/**
 * The transactional outbox. An accepted task takes effect exactly once, or fails visibly.
 *
 * <p>A row holds a task's state. A message holds only the row's id and the trace context. A request
 * writes the row with an outbox entry, then sends the message. The consumer runs the task when the
 * message arrives. The relay dispatches due entries, since their messages may be lost.
 *
 * <p>This package does not depend on the effects of tasks, DynamoDB, SQS or Lambda.
 */
@NullMarked
package dev.asyncitems.outbox;

import org.jspecify.annotations.NullMarked;

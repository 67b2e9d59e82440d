package dev.asyncitems.notification;

import dev.asyncitems.trace.TraceContext;

/**
 * What is to be enqueued of a notification: its id, and beside it by what it is followed.
 *
 * @param traceContext the request that sent the notification
 */
public record Job(NotificationId id, TraceContext traceContext) {}

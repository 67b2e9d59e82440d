package dev.asyncitems.notification;

import dev.asyncitems.kernel.Origin;

/**
 * What is to be enqueued of a notification: its id, and beside it by what it is followed.
 *
 * @param origin the request that sent the notification
 */
public record Job(NotificationId id, Origin origin) {}

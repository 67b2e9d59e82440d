/**
 * Notifications: their values, their use cases, the background task that logs them, and the port of
 * their store.
 */
@NullMarked
package dev.asyncitems.notification;

import org.jspecify.annotations.NullMarked;

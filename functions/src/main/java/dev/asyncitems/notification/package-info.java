/**
 * Notifications: their values, their use cases, the background task that logs them, and the port of
 * their store.
 *
 * <p>Values are immutable. This package knows neither HTTP and JSON nor DynamoDB and Lambda.
 */
@NullMarked
package dev.asyncitems.notification;

import org.jspecify.annotations.NullMarked;

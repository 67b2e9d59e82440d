/**
 * Notifications and the rule that their messages follow. Package {@code outbox} has the use cases
 * and the background task.
 *
 * <p>Values are immutable. This package knows neither HTTP and JSON nor DynamoDB and Lambda.
 */
@NullMarked
package dev.asyncitems.notification;

import org.jspecify.annotations.NullMarked;

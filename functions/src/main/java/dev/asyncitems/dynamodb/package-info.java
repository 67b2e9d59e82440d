/**
 * The DynamoDB adapter: the stores of items and notifications, idempotency records, and pages of
 * sharded indexes.
 *
 * <p>{@link dev.asyncitems.dynamodb.DynamoItems} and {@link
 * dev.asyncitems.dynamodb.DynamoNotifications} are safe for use by any number of threads.
 */
@NullMarked
package dev.asyncitems.dynamodb;

import org.jspecify.annotations.NullMarked;

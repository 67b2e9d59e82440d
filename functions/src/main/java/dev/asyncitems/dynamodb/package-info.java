/**
 * The DynamoDB adapter: the stores of items, notifications and outbox entries, idempotency records,
 * and pages of sharded indexes. Its public classes are thread-safe.
 */
@NullMarked
package dev.asyncitems.dynamodb;

import org.jspecify.annotations.NullMarked;

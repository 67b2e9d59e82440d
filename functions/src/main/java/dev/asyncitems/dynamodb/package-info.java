/**
 * The DynamoDB adapter: the stores of items, tasks and outbox entries, idempotency records, and
 * pages of sharded indexes. Stores are thread-safe; rows are not.
 */
@NullMarked
package dev.asyncitems.dynamodb;

import org.jspecify.annotations.NullMarked;

/**
 * The adapter for DynamoDB. It holds the stores of items, tasks and outbox entries, the idempotency
 * records, and the pages of sharded indexes. Stores are thread-safe; rows are not.
 */
@NullMarked
package dev.asyncitems.dynamodb;

import org.jspecify.annotations.NullMarked;

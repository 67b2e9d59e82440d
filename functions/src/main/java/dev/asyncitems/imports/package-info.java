/**
 * Imports of items: a file of items, split into chunks. Each chunk is a background task.
 *
 * <p>Values are immutable. This package knows neither HTTP and JSON nor DynamoDB and Lambda.
 */
@NullMarked
package dev.asyncitems.imports;

import org.jspecify.annotations.NullMarked;

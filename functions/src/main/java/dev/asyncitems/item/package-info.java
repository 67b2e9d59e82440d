/**
 * Items: their values, their use cases, and the port of their store.
 *
 * <p>Values are immutable. This package knows neither HTTP and JSON nor DynamoDB and Lambda.
 */
@NullMarked
package dev.asyncitems.item;

import org.jspecify.annotations.NullMarked;

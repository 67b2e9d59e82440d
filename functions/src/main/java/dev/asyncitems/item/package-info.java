/**
 * Items: their values, what can be done with them, and the store that this needs.
 *
 * <p>Values are immutable. Nothing here knows HTTP, JSON, DynamoDB or Lambda.
 */
@NullMarked
package dev.asyncitems.item;

import org.jspecify.annotations.NullMarked;

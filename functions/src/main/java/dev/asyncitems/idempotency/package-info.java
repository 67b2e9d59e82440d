/**
 * Keys that turn repeated requests into one.
 *
 * <p>This package depends only on the JDK. Everything in it is immutable.
 */
@NullMarked
package dev.asyncitems.idempotency;

import org.jspecify.annotations.NullMarked;

/**
 * The Lambda functions, with one handler class each, and their wiring. Functions are thread-safe,
 * as Lambda Managed Instances require.
 */
@NullMarked
package dev.asyncitems.function;

import org.jspecify.annotations.NullMarked;

/**
 * The Lambda functions, with one handler class each, and their wiring.
 *
 * <p>A function is built once per environment, from environment variables. It is thread-safe, as
 * Lambda Managed Instances require.
 */
@NullMarked
package dev.asyncitems.function;

import org.jspecify.annotations.NullMarked;

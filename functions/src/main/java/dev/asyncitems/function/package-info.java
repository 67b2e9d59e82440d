/**
 * The Lambda functions, one handler class each, and how they are wired.
 *
 * <p>Each is built once per environment, from environment variables, and is then safe for use by
 * any number of threads, as Lambda Managed Instances need.
 */
@NullMarked
package dev.asyncitems.function;

import org.jspecify.annotations.NullMarked;

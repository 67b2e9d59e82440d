/**
 * The asynchronous AWS SDK, as both adapters use it: clients over the AWS CRT HTTP client,
 * credentials, time limits and retries.
 *
 * <p>{@link dev.asyncitems.sdk.Calls} converts the SDK's failures to the exceptions of {@link
 * dev.asyncitems.call}.
 */
@NullMarked
package dev.asyncitems.sdk;

import org.jspecify.annotations.NullMarked;

/**
 * What the DynamoDB and the SQS adapter share of the asynchronous AWS SDK: clients over the AWS CRT
 * HTTP client, credentials, time limits and retries.
 *
 * <p>{@link dev.asyncitems.sdk.Calls} turns the SDK's failures into those of {@link
 * dev.asyncitems.call}.
 */
@NullMarked
package dev.asyncitems.sdk;

import org.jspecify.annotations.NullMarked;

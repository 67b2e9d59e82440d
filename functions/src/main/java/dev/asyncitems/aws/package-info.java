/**
 * The adapters: items and notifications in DynamoDB, jobs in SQS, by the asynchronous AWS SDK over
 * the AWS CRT HTTP client. {@link dev.asyncitems.aws.Aws} makes them.
 *
 * <p>Everything here is safe for use by any number of threads.
 */
@NullMarked
package dev.asyncitems.aws;

import org.jspecify.annotations.NullMarked;

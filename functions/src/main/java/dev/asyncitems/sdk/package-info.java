/**
 * Clients, credentials, time limits and retries of the AWS SDK, for the packages {@code dynamodb}
 * and {@code sqs}. Failures of the SDK become exceptions of {@link dev.asyncitems.call}.
 */
@NullMarked
package dev.asyncitems.sdk;

import org.jspecify.annotations.NullMarked;

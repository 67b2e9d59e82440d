/**
 * The AWS SDK as both adapters use it: clients, credentials, time limits and retries. Failures of
 * the SDK become exceptions of {@link dev.asyncitems.call}.
 */
@NullMarked
package dev.asyncitems.sdk;

import org.jspecify.annotations.NullMarked;

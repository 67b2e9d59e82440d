/** DynamoDB and SQS, embedded in this JVM or at an external endpoint. */
@NullMarked
package dev.asyncitems.local.engine;

import org.jspecify.annotations.NullMarked;

/** DynamoDB and SQS: engines inside this JVM, or an endpoint elsewhere. */
@NullMarked
package dev.asyncitems.local.engine;

import org.jspecify.annotations.NullMarked;

/**
 * Proof that nothing is lost and nothing happens twice. The functions run on embedded engines,
 * behind a proxy ({@link dev.asyncitems.system.FaultProxy}) that imitates faults of networks,
 * DynamoDB, SQS and Lambda.
 */
@NullMarked
package dev.asyncitems.faults;

import org.jspecify.annotations.NullMarked;

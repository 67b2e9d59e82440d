/**
 * Proof of "nothing lost, nothing twice": the functions on the embedded engines, between them and
 * the engines a proxy ({@link dev.asyncitems.system.FaultProxy}) that does what networks, DynamoDB,
 * SQS and Lambda may do.
 */
@NullMarked
package dev.asyncitems.faults;

import org.jspecify.annotations.NullMarked;

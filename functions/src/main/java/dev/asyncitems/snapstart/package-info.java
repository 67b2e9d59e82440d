/**
 * Priming, which a function does before Lambda takes a snapshot of its environment. An HTTP server
 * in the same process stands in for AWS.
 */
@NullMarked
package dev.asyncitems.snapstart;

import org.jspecify.annotations.NullMarked;

/** Starts a function in the Java runtime that is deployed with it. */
@NullMarked
package dev.asyncitems.runtime;

import org.jspecify.annotations.NullMarked;

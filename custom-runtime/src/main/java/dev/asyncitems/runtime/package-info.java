/** The start of a function in a Java runtime that is deployed with it. */
@NullMarked
package dev.asyncitems.runtime;

import org.jspecify.annotations.NullMarked;

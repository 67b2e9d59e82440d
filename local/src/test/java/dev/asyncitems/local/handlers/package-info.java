/** Small handlers that the tests' template names. */
@NullMarked
package dev.asyncitems.local.handlers;

import org.jspecify.annotations.NullMarked;

/** Creates the handlers and invokes them with the bytes that Lambda would pass. */
@NullMarked
package dev.asyncitems.local.invocation;

import org.jspecify.annotations.NullMarked;

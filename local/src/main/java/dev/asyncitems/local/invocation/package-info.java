/** Makes the handlers and calls them through the bytes that Lambda would pass. */
@NullMarked
package dev.asyncitems.local.invocation;

import org.jspecify.annotations.NullMarked;

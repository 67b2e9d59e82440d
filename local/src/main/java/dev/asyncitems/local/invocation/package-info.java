/** The invocation of handlers with the bytes that Lambda would pass. */
@NullMarked
package dev.asyncitems.local.invocation;

import org.jspecify.annotations.NullMarked;

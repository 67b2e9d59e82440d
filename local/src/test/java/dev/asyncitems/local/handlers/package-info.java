/** Handlers for the templates of the tests. */
@NullMarked
package dev.asyncitems.local.handlers;

import org.jspecify.annotations.NullMarked;

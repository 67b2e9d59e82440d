/**
 * The whole system on real engines: handlers called with event bytes, and the API over HTTP.
 *
 * <p>{@link dev.asyncitems.system.Lane} says which engines; the tests are the same for all.
 */
@NullMarked
package dev.asyncitems.system;

import org.jspecify.annotations.NullMarked;

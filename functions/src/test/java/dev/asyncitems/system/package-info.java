/**
 * The whole system on real engines. The tests call handlers with event bytes and the API over HTTP.
 *
 * <p>{@link dev.asyncitems.system.Lane} chooses the engines; the tests are the same for all.
 */
@NullMarked
package dev.asyncitems.system;

import org.jspecify.annotations.NullMarked;

/**
 * The key that makes repeated requests one request, and what such a request brought about.
 *
 * <p>Depends on the JDK alone. Everything here is immutable.
 */
@NullMarked
package dev.asyncitems.idempotency;

import org.jspecify.annotations.NullMarked;

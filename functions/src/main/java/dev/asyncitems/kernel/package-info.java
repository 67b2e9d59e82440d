/**
 * The words that both domains' ports are written in: deadline, page, idempotency, refusal, text.
 *
 * <p>Depends on the JDK alone. Everything here is immutable and safe for use by any number of
 * threads.
 */
@NullMarked
package dev.asyncitems.kernel;

import org.jspecify.annotations.NullMarked;

/**
 * Requests that the domain rejects: for what the store holds, or for content that breaks rules.
 *
 * <p>Depends on the JDK alone. Everything here is immutable.
 */
@NullMarked
package dev.asyncitems.rejection;

import org.jspecify.annotations.NullMarked;

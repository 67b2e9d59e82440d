/**
 * The reasons why the domain rejects requests: the state of the store, or content that breaks
 * rules.
 *
 * <p>This package depends only on the JDK. Everything in it is immutable.
 */
@NullMarked
package dev.asyncitems.rejection;

import org.jspecify.annotations.NullMarked;

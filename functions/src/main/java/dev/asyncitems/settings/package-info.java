/**
 * The environment variables of a function.
 *
 * <p>They are read once, during init.
 */
@NullMarked
package dev.asyncitems.settings;

import org.jspecify.annotations.NullMarked;

/** The environment variables of a function, read once during init. */
@NullMarked
package dev.asyncitems.settings;

import org.jspecify.annotations.NullMarked;

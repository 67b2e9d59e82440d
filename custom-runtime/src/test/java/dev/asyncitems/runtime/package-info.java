/** Builds and tests the deployed runtime. */
@NullMarked
package dev.asyncitems.runtime;

import org.jspecify.annotations.NullMarked;

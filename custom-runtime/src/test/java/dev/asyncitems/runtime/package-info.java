/** How the deployed runtime is built, and what it must do. */
@NullMarked
package dev.asyncitems.runtime;

import org.jspecify.annotations.NullMarked;

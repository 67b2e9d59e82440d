/** A token issuer for development. */
@NullMarked
package dev.asyncitems.local.issuer;

import org.jspecify.annotations.NullMarked;

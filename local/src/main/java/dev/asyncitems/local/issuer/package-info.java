/** An issuer of tokens for development, where the template names one that isn't there. */
@NullMarked
package dev.asyncitems.local.issuer;

import org.jspecify.annotations.NullMarked;

/** Tests of the deployed files. */
@NullMarked
package dev.asyncitems.artifact;

import org.jspecify.annotations.NullMarked;

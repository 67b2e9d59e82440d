/** What is deployed. */
@NullMarked
package dev.asyncitems.artifact;

import org.jspecify.annotations.NullMarked;

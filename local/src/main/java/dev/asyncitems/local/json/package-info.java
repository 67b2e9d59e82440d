/** JSON, in the one way in which the local run reads and writes it. */
@NullMarked
package dev.asyncitems.local.json;

import org.jspecify.annotations.NullMarked;

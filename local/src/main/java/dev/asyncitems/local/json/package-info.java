/** Safe reading and writing of JSON. */
@NullMarked
package dev.asyncitems.local.json;

import org.jspecify.annotations.NullMarked;

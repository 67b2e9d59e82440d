/** Reading and writing of untrusted JSON. */
@NullMarked
package dev.asyncitems.local.json;

import org.jspecify.annotations.NullMarked;

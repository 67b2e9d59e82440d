/** Items: immutable values, use cases and the port of their store, without HTTP, JSON or AWS. */
@NullMarked
package dev.asyncitems.item;

import org.jspecify.annotations.NullMarked;

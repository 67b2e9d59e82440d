@NullMarked
package dev.asyncitems.message;

import org.jspecify.annotations.NullMarked;

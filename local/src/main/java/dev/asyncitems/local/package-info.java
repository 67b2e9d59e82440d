@NullMarked
package dev.asyncitems.local;

import org.jspecify.annotations.NullMarked;

@NullMarked
package dev.asyncitems.kernel;

import org.jspecify.annotations.NullMarked;

@NullMarked
package dev.asyncitems.deadletters;

import org.jspecify.annotations.NullMarked;

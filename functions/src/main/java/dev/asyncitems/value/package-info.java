/** Texts, times and ids of the domain. Types are thread-safe and depend only on the JDK. */
@NullMarked
package dev.asyncitems.value;

import org.jspecify.annotations.NullMarked;

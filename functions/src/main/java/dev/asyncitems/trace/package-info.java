/** The trace context of background tasks. Types are immutable and depend only on the JDK. */
@NullMarked
package dev.asyncitems.trace;

import org.jspecify.annotations.NullMarked;

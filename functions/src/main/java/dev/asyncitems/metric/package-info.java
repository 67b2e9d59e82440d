/** Metrics and counters for log lines. Types are thread-safe and depend only on the JDK. */
@NullMarked
package dev.asyncitems.metric;

import org.jspecify.annotations.NullMarked;

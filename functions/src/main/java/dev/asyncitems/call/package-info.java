/** Deadlines, failures and delays of calls. Types are thread-safe and depend only on the JDK. */
@NullMarked
package dev.asyncitems.call;

import org.jspecify.annotations.NullMarked;

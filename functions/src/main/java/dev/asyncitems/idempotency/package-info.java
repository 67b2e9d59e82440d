/** Keys that let clients repeat requests safely. Types are immutable and depend only on the JDK. */
@NullMarked
package dev.asyncitems.idempotency;

import org.jspecify.annotations.NullMarked;

/** Rejections of requests by the domain. Types are immutable and depend only on the JDK. */
@NullMarked
package dev.asyncitems.rejection;

import org.jspecify.annotations.NullMarked;

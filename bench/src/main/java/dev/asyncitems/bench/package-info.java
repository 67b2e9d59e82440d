/** Benchmarks. {@code bench/run} runs them. */
@NullMarked
package dev.asyncitems.bench;

import org.jspecify.annotations.NullMarked;

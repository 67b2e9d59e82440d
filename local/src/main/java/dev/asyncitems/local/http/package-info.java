/** The HTTP API: turns requests into events and functions' responses into HTTP responses. */
@NullMarked
package dev.asyncitems.local.http;

import org.jspecify.annotations.NullMarked;

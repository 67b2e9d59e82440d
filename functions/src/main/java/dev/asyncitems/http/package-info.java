/** HTTP requests, responses, problems and cursors, independent of items and notifications. */
@NullMarked
package dev.asyncitems.http;

import org.jspecify.annotations.NullMarked;

/**
 * HTTP requests with their input and preconditions, responses, problems, links and cursors.
 *
 * <p>This package knows neither items and notifications nor their stores.
 */
@NullMarked
package dev.asyncitems.http;

import org.jspecify.annotations.NullMarked;

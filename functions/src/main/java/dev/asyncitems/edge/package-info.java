/**
 * Between Lambda and the use cases: an HTTP event becomes a request, a reply or a failure becomes
 * the HTTP response; a batch of the queue becomes deliveries and their failures.
 *
 * <p>Knows HTTP, JSON, problems and time limits, and nothing of items or notifications. The one
 * blocking wait of the main code is in {@link dev.asyncitems.edge.Invocation}.
 */
@NullMarked
package dev.asyncitems.edge;

import org.jspecify.annotations.NullMarked;

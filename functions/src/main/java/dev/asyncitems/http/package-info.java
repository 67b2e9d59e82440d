/**
 * HTTP as the functions see it: requests with their input and preconditions, replies, problems,
 * links and cursors.
 *
 * <p>A request is made of the event of an HTTP API. Nothing here knows items, notifications or the
 * stores.
 */
@NullMarked
package dev.asyncitems.http;

import org.jspecify.annotations.NullMarked;

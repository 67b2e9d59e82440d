/** The HTTP API: events from requests, and HTTP responses from functions' responses. */
@NullMarked
package dev.asyncitems.local.http;

import org.jspecify.annotations.NullMarked;

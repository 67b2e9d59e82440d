/** The local HTTP API. It makes events of requests, and HTTP responses of functions' responses. */
@NullMarked
package dev.asyncitems.local.http;

import org.jspecify.annotations.NullMarked;

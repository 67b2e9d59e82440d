/** The HTTP front: requests become events of payload format 2.0, answers become responses. */
@NullMarked
package dev.asyncitems.local.http;

import org.jspecify.annotations.NullMarked;

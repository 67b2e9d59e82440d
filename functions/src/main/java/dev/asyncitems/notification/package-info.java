/** Notifications, without HTTP, JSON or AWS. The package {@code outbox} has their use cases. */
@NullMarked
package dev.asyncitems.notification;

import org.jspecify.annotations.NullMarked;

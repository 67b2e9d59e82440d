/**
 * Notifications: their values, the background task that logs them, and the store and the queue that
 * this needs.
 *
 * <p>The row is the truth; a job on the queue is only its id, and wakes the consumer. So a job may
 * be lost, doubled or late without harm: the relay sends again what still waits, and a row is
 * logged once however often its job is delivered.
 */
@NullMarked
package dev.asyncitems.notification;

import org.jspecify.annotations.NullMarked;

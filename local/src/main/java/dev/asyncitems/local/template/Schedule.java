package dev.asyncitems.local.template;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * A schedule that invokes a function (an event of type {@code Schedule}).
 *
 * @param id the event's name within its function
 * @param functionId the logical id of the function
 * @param rate the time from tick to tick, whole minutes
 * @param input the JSON text that the function is given instead of the scheduled event, or null
 * @param enabled whether it fires at all
 */
public record Schedule(
    String id, String functionId, Duration rate, @Nullable String input, boolean enabled) {}

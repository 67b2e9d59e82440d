package dev.asyncitems.local.template;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * An event source mapping from a queue to a function (an event of type {@code SQS}).
 *
 * @param id the event's name within its function
 * @param functionId the logical id of the function
 * @param queueId the logical id of the queue
 * @param batchSize 10 if the template doesn't say
 * @param window how long a batch is gathered, zero if the template doesn't say
 * @param reportsItemFailures whether {@code ReportBatchItemFailures} is on
 * @param maximumConcurrency how many batches at most are worked on at once, or null
 * @param enabled whether it polls at all
 */
public record Mapping(
    String id,
    String functionId,
    String queueId,
    int batchSize,
    Duration window,
    boolean reportsItemFailures,
    @Nullable Integer maximumConcurrency,
    boolean enabled) {}

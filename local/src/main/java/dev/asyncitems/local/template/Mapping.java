package dev.asyncitems.local.template;

import java.time.Duration;

/**
 * An event source mapping from a queue to a function (an event of type {@code SQS}).
 *
 * @param functionId the logical id of the function
 * @param queueId the logical id of the queue
 * @param batchSize the maximum number of messages of a batch; 10 by default
 * @param window the maximum time for gathering a batch; zero by default
 * @param reportsItemFailures whether {@code ReportBatchItemFailures} is on
 * @param maximumConcurrency the maximum number of concurrent batches; 5 by default, the number with
 *     which Lambda begins
 * @param enabled whether the mapping polls its queue
 */
public record Mapping(
    String functionId,
    String queueId,
    int batchSize,
    Duration window,
    boolean reportsItemFailures,
    int maximumConcurrency,
    boolean enabled) {

  static Mapping of(String functionId, Props props, Resources resources) {
    if (props.has("FilterCriteria")) {
      throw props.wrong("FilterCriteria", "it is not supported by the local run.");
    }
    int batchSize = props.integer("BatchSize", 10, 1, 10_000);
    Duration window = props.seconds("MaximumBatchingWindowInSeconds", 0, 0, 300);
    if (batchSize > 10 && window.isZero()) {
      throw props.wrong(
          "BatchSize", "over 10 it needs a MaximumBatchingWindowInSeconds of 1 or more.");
    }
    return new Mapping(
        functionId,
        resources.queueId(props, "Queue"),
        batchSize,
        window,
        props.texts("FunctionResponseTypes").contains("ReportBatchItemFailures"),
        props.below("ScalingConfig").integer("MaximumConcurrency", 5, 2, 1_000),
        props.flag("Enabled", true));
  }
}

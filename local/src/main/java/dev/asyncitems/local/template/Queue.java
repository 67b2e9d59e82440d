package dev.asyncitems.local.template;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * An SQS queue of the template.
 *
 * @param id the logical id
 * @param name the physical name
 * @param url the URL, the value of {@code !Ref}
 * @param visibilityTimeout the time for which a received message is hidden; 30 s by default
 * @param retention the time for which the queue keeps a message; 4 days by default
 * @param delay the time for which a new message is hidden
 * @param receiveWait the default time for which a receiver waits for messages
 * @param redrive the redrive policy, or null
 */
public record Queue(
    String id,
    String name,
    String arn,
    String url,
    Duration visibilityTimeout,
    Duration retention,
    Duration delay,
    Duration receiveWait,
    @Nullable Redrive redrive) {

  /**
   * A redrive policy.
   *
   * @param queueId the logical id of the dead-letter queue
   * @param maxReceiveCount the number of receives before a message moves to that queue
   */
  public record Redrive(String queueId, int maxReceiveCount) {}

  static Queue of(Resource resource, Resources resources) {
    Props props = resource.props();
    if (props.flag("FifoQueue", false)) {
      throw props.wrong("FifoQueue", "FIFO queues are not supported by the local run.");
    }
    Redrive redrive = null;
    if (props.has("RedrivePolicy")) {
      Props policy = props.below("RedrivePolicy");
      redrive =
          new Redrive(
              resources.queueId(policy, "deadLetterTargetArn"),
              policy.integer("maxReceiveCount", 10, 1, 1_000));
    }
    return new Queue(
        resource.id(),
        resources.physicalName(resource),
        resources.attribute(resource, "Arn"),
        resources.attribute(resource, "QueueUrl"),
        props.seconds("VisibilityTimeout", 30, 0, 43_200),
        props.seconds("MessageRetentionPeriod", 345_600, 60, 1_209_600),
        props.seconds("DelaySeconds", 0, 0, 900),
        props.seconds("ReceiveMessageWaitTimeSeconds", 0, 0, 20),
        redrive);
  }
}

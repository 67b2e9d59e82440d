package dev.asyncitems.local.template;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * An SQS queue of the template.
 *
 * @param id the logical id
 * @param name the physical name
 * @param arn its ARN
 * @param url its URL, as {@code !Ref} gives it
 * @param visibilityTimeout 30 s if the template doesn't say
 * @param retention how long messages are kept: 4 days if the template doesn't say
 * @param delay how long new messages stay hidden
 * @param receiveWait the long polling that a receiver gets if it doesn't ask for one
 * @param redrive where messages go that were received too often, or null
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
   * When a message goes to a dead-letter queue, and to which.
   *
   * @param queueId the logical id of the dead-letter queue
   * @param maxReceiveCount how often a message is received before it goes there
   */
  public record Redrive(String queueId, int maxReceiveCount) {}
}

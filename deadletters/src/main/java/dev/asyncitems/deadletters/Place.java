package dev.asyncitems.deadletters;

import dev.asyncitems.local.engine.SdkNames;
import java.net.URI;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;
import software.amazon.awssdk.awscore.client.builder.AwsClientBuilder;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.dynamodb.DynamoDbClient;
import software.amazon.awssdk.services.sqs.SqsClient;

/**
 * The options for the queue, the table and their endpoints. The SDK finds the credentials and, by
 * default, the region.
 */
final class Place {
  @Option(
      names = {"-q", "--queue-url"},
      paramLabel = "URL",
      required = true,
      defaultValue = "${env:DEAD_LETTER_QUEUE_URL}",
      description =
          "The dead-letter queue of a task, such as the stack's output"
              + " NotificationDeadLetterQueueUrl. Default: the environment variable"
              + " DEAD_LETTER_QUEUE_URL.")
  private String queueUrl = "";

  @Option(
      names = {"-t", "--table"},
      paramLabel = "NAME",
      required = true,
      defaultValue = "${env:TASK_TABLE}",
      description =
          "The table of the task's rows, such as the stack's output NotificationsTableName."
              + " Default: the environment variable TASK_TABLE.")
  private String table = "";

  @Option(
      names = "--region",
      paramLabel = "REGION",
      description = "The AWS region. Default: the region of the AWS configuration.")
  private @Nullable String region;

  @Option(
      names = "--endpoint-url",
      paramLabel = "URL",
      description = "The endpoint of SQS and DynamoDB, if they are not on AWS.")
  private @Nullable URI endpoint;

  @Option(
      names = "--dynamodb-endpoint-url",
      paramLabel = "URL",
      description = "The endpoint of DynamoDB, if it differs from SQS's endpoint.")
  private @Nullable URI dynamoDbEndpoint;

  @Option(
      names = "--wait",
      paramLabel = "SECONDS",
      defaultValue = "1",
      description =
          "Ends when no more dead letters arrive for this long, 0 to 20 (${DEFAULT-VALUE}).")
  private int waitSeconds;

  /** Returns a sentence for the user about the first invalid option, if any. */
  Optional<String> fault() {
    if (waitSeconds < 0 || waitSeconds > 20) {
      return Optional.of("--wait must be between 0 and 20.");
    }
    if (region != null && !region.matches("[a-z0-9-]+")) {
      return Optional.of("--region must be a region such as eu-west-1; it is '" + region + "'.");
    }
    return Stream.of(Optional.ofNullable(endpoint), Optional.ofNullable(dynamoDbEndpoint))
        .flatMap(Optional::stream)
        .filter(uri -> uri.getHost() == null || !String.valueOf(uri.getScheme()).matches("https?"))
        .findFirst()
        .map(
            uri -> "An endpoint must be a URL such as http://127.0.0.1:9324; it is '" + uri + "'.");
  }

  /** Returns whether a URL names the dead-letter queue itself. */
  boolean isQueue(String url) {
    return url.equals(queueUrl);
  }

  DeadLetterQueue queue(SqsClient client) {
    return new DeadLetterQueue(client, queueUrl, waitSeconds);
  }

  SqsClient sqs() {
    return at(SqsClient.builder(), endpoint)
        .httpClientBuilder(defaults -> new ProxiedHttpClient())
        .build();
  }

  DynamoDbClient dynamoDb() {
    return at(DynamoDbClient.builder(), Optional.ofNullable(dynamoDbEndpoint).orElse(endpoint))
        .httpClientBuilder(defaults -> new ProxiedHttpClient())
        .build();
  }

  TaskRows rows(DynamoDbClient client) {
    return new TaskRows(client, table);
  }

  private <B extends AwsClientBuilder<B, C>, C> B at(B builder, @Nullable URI address) {
    SdkNames.keepNone();
    if (region != null) {
      builder.region(Region.of(region));
    }
    if (address != null) {
      builder.endpointOverride(address);
    }
    return builder;
  }
}

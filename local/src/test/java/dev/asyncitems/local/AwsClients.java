package dev.asyncitems.local;

import java.net.URI;
import java.util.List;
import java.util.Map;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.http.urlconnection.UrlConnectionHttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.dynamodb.DynamoDbClient;
import software.amazon.awssdk.services.sqs.SqsClient;
import software.amazon.awssdk.services.sqs.model.Message;

/** SDK clients for a run, built as a developer would build them. */
final class AwsClients {

  private static final StaticCredentialsProvider ANY =
      StaticCredentialsProvider.create(AwsBasicCredentials.create("any", "any"));

  private AwsClients() {}

  static SqsClient sqs(URI endpoint) {
    return SqsClient.builder()
        .region(Region.US_EAST_1)
        .endpointOverride(endpoint)
        .credentialsProvider(ANY)
        .httpClient(UrlConnectionHttpClient.create())
        .build();
  }

  static DynamoDbClient dynamoDb(URI endpoint) {
    return DynamoDbClient.builder()
        .region(Region.US_EAST_1)
        .endpointOverride(endpoint)
        .credentialsProvider(ANY)
        .httpClient(UrlConnectionHttpClient.create())
        .build();
  }

  static void send(SqsClient sqs, String url, String... bodies) {
    for (String body : bodies) {
      sqs.sendMessage(r -> r.queueUrl(url).messageBody(body).messageAttributes(Map.of()));
    }
  }

  static List<Message> receive(SqsClient sqs, String url, int seconds) {
    return sqs.receiveMessage(r -> r.queueUrl(url).maxNumberOfMessages(10).waitTimeSeconds(seconds))
        .messages();
  }
}

package dev.asyncitems.local.engine;

import dev.asyncitems.local.http.Loopback;
import dev.asyncitems.local.template.Queue;
import dev.asyncitems.local.template.Table;
import dev.asyncitems.local.template.Template;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.HttpURLConnection;
import java.net.Proxy;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.awscore.client.builder.AwsClientBuilder;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.http.SdkHttpClient;
import software.amazon.awssdk.http.urlconnection.UrlConnectionHttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.dynamodb.DynamoDbClient;
import software.amazon.awssdk.services.dynamodb.model.AttributeDefinition;
import software.amazon.awssdk.services.dynamodb.model.BillingMode;
import software.amazon.awssdk.services.dynamodb.model.CreateTableRequest;
import software.amazon.awssdk.services.dynamodb.model.GlobalSecondaryIndex;
import software.amazon.awssdk.services.dynamodb.model.KeySchemaElement;
import software.amazon.awssdk.services.dynamodb.model.LocalSecondaryIndex;
import software.amazon.awssdk.services.dynamodb.model.Projection;
import software.amazon.awssdk.services.dynamodb.model.ResourceInUseException;
import software.amazon.awssdk.services.dynamodb.model.ResourceNotFoundException;
import software.amazon.awssdk.services.dynamodb.model.TableDescription;
import software.amazon.awssdk.services.dynamodb.model.TableStatus;
import software.amazon.awssdk.services.dynamodb.model.TimeToLiveStatus;
import software.amazon.awssdk.services.sqs.SqsClient;
import software.amazon.awssdk.services.sqs.model.QueueAttributeName;
import software.amazon.awssdk.services.sqs.model.QueueNameExistsException;
import software.amazon.awssdk.utils.SdkAutoCloseable;

/**
 * SDK clients that do not read the machine's AWS credentials, profiles or region. They use a proxy
 * only for endpoints on other machines.
 */
final class Clients {

  private final URI dynamoDbEndpoint;
  private final URI sqsEndpoint;
  private final String region;
  private final boolean embedded;
  private final List<SdkAutoCloseable> opened = new ArrayList<>();
  private @Nullable DynamoDbClient dynamoDb;
  private @Nullable SqsClient sqs;

  /** Prepares the clients. {@code embedded} means that this JVM serves the endpoints. */
  Clients(URI dynamoDbEndpoint, URI sqsEndpoint, String region, boolean embedded) {
    this.dynamoDbEndpoint = dynamoDbEndpoint;
    this.sqsEndpoint = sqsEndpoint;
    this.region = region;
    this.embedded = embedded;
  }

  /** Returns the client. Creates it on first use, because creating one takes half a second. */
  DynamoDbClient dynamoDb() {
    synchronized (dynamoDbEndpoint) {
      if (dynamoDb == null) {
        dynamoDb =
            client(DynamoDbClient.builder().httpClient(http(dynamoDbEndpoint)), dynamoDbEndpoint);
      }
      return dynamoDb;
    }
  }

  SqsClient sqs() {
    synchronized (sqsEndpoint) {
      if (sqs == null) {
        sqs = client(SqsClient.builder().httpClient(http(sqsEndpoint)), sqsEndpoint);
      }
      return sqs;
    }
  }

  /** Returns an HTTP client that uses the proxy only for an endpoint on another machine. */
  private SdkHttpClient http(URI endpoint) {
    boolean direct = embedded || Loopback.isHost(String.valueOf(endpoint.getAuthority()));
    SdkHttpClient http =
        direct
            ? UrlConnectionHttpClient.create(Clients::open)
            : UrlConnectionHttpClient.builder()
                // A long poll takes up to 20 s.
                .socketTimeout(Duration.ofSeconds(25))
                .proxyConfiguration(proxy -> proxy.scheme(endpoint.getScheme()))
                .build();
    return opened(new CheckedHttpClient(http));
  }

  private static HttpURLConnection open(URI uri) {
    try {
      return (HttpURLConnection) uri.toURL().openConnection(Proxy.NO_PROXY);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private <T extends SdkAutoCloseable> T opened(T client) {
    synchronized (opened) {
      opened.add(client);
    }
    return client;
  }

  private <B extends AwsClientBuilder<B, C>, C extends SdkAutoCloseable> C client(
      B builder, URI endpoint) {
    return opened(
        builder
            .region(Region.of(region))
            .endpointOverride(endpoint)
            .credentialsProvider(
                StaticCredentialsProvider.create(AwsBasicCredentials.create("local", "local")))
            .build());
  }

  String region() {
    return region;
  }

  URI dynamoDbEndpoint() {
    return dynamoDbEndpoint;
  }

  URI sqsEndpoint() {
    return sqsEndpoint;
  }

  void createTables(List<Table> tables) {
    for (Table table : tables) {
      try {
        create(table);
      } catch (SdkException e) {
        throw new EngineException(
            "The table %s can't be created at %s: %s"
                .formatted(table.name(), dynamoDbEndpoint, e.getMessage()),
            e);
      }
    }
  }

  void requireTables(Set<String> names) {
    for (String name : names) {
      try {
        dynamoDb().describeTable(r -> r.tableName(name));
      } catch (ResourceNotFoundException e) {
        throw new EngineException(
            ("The template uses the table %s but does not create it, and there is none at %s."
                    + " Choose parameters with which the template creates it, or data that contain"
                    + " it.")
                .formatted(name, dynamoDbEndpoint),
            e);
      } catch (SdkException e) {
        throw new EngineException(
            "The table %s can't be read at %s: %s"
                .formatted(name, dynamoDbEndpoint, e.getMessage()),
            e);
      }
    }
  }

  private void create(Table table) {
    Map<String, AttributeDefinition> attributes = new LinkedHashMap<>();
    define(attributes, table.key());
    table.globalIndexes().forEach(index -> define(attributes, index.key()));
    table.localIndexes().forEach(index -> define(attributes, index.key()));
    CreateTableRequest.Builder request =
        CreateTableRequest.builder()
            .tableName(table.name())
            .billingMode(BillingMode.PAY_PER_REQUEST)
            .attributeDefinitions(attributes.values())
            .keySchema(schema(table.key()));
    if (!table.globalIndexes().isEmpty()) {
      request.globalSecondaryIndexes(
          table.globalIndexes().stream().map(Clients::globalIndex).toList());
    }
    if (!table.localIndexes().isEmpty()) {
      request.localSecondaryIndexes(
          table.localIndexes().stream().map(Clients::localIndex).toList());
    }
    try {
      TableStatus status = dynamoDb().createTable(request.build()).tableDescription().tableStatus();
      if (status != TableStatus.ACTIVE) {
        dynamoDb().waiter().waitUntilTableExists(r -> r.tableName(table.name()));
      }
    } catch (ResourceInUseException e) {
      checkSame(table);
    }
    switchOnTimeToLive(table);
  }

  private static GlobalSecondaryIndex globalIndex(Table.Index index) {
    return GlobalSecondaryIndex.builder()
        .indexName(index.name())
        .keySchema(schema(index.key()))
        .projection(projection(index))
        .build();
  }

  private static LocalSecondaryIndex localIndex(Table.Index index) {
    return LocalSecondaryIndex.builder()
        .indexName(index.name())
        .keySchema(schema(index.key()))
        .projection(projection(index))
        .build();
  }

  private void checkSame(Table table) {
    TableDescription there = dynamoDb().describeTable(r -> r.tableName(table.name())).table();
    List<String> indexes =
        there.globalSecondaryIndexes().stream().map(i -> i.indexName() + i.keySchema()).toList();
    List<String> wanted =
        table.globalIndexes().stream().map(i -> i.name() + schema(i.key())).toList();
    if (!there.keySchema().equals(schema(table.key()))
        || indexes.size() != wanted.size()
        || !indexes.containsAll(wanted)) {
      throw new EngineException(
          "The table "
              + table.name()
              + " already exists with another key or other indexes: use another data folder or"
              + " stack name.");
    }
  }

  private void switchOnTimeToLive(Table table) {
    String attribute = table.ttlAttribute();
    if (attribute == null) {
      return;
    }
    TimeToLiveStatus status =
        dynamoDb()
            .describeTimeToLive(r -> r.tableName(table.name()))
            .timeToLiveDescription()
            .timeToLiveStatus();
    if (status == TimeToLiveStatus.DISABLED) {
      dynamoDb()
          .updateTimeToLive(r ->
              r.tableName(table.name())
                  .timeToLiveSpecification(t -> t.enabled(true).attributeName(attribute)));
    }
  }

  private static void define(Map<String, AttributeDefinition> attributes, List<Table.KeyPart> key) {
    for (Table.KeyPart part : key) {
      attributes.put(
          part.attribute(),
          AttributeDefinition.builder()
              .attributeName(part.attribute())
              .attributeType(part.attributeType())
              .build());
    }
  }

  private static List<KeySchemaElement> schema(List<Table.KeyPart> key) {
    return key.stream()
        .map(part ->
            KeySchemaElement.builder()
                .attributeName(part.attribute())
                .keyType(part.keyType())
                .build())
        .toList();
  }

  private static Projection projection(Table.Index index) {
    Projection.Builder projection = Projection.builder().projectionType(index.projection());
    if (!index.included().isEmpty()) {
      projection.nonKeyAttributes(index.included());
    }
    return projection.build();
  }

  void createQueues(Template template) {
    List<Queue> waiting = new ArrayList<>(template.queues());
    List<String> created = new ArrayList<>();
    while (!waiting.isEmpty()) { // A dead-letter queue is created before its source queues.
      Queue next =
          waiting.stream()
              .filter(q -> q.redrive() == null || created.contains(q.redrive().queueId()))
              .findFirst()
              .orElseThrow(() -> new EngineException("The queues' redrive policies form a cycle."));
      try {
        create(next, template);
      } catch (SdkException e) {
        throw new EngineException(
            "The queue %s can't be created at %s: %s"
                .formatted(next.name(), sqsEndpoint, e.getMessage()),
            e);
      }
      created.add(next.id());
      waiting.remove(next);
    }
  }

  private void create(Queue queue, Template template) {
    Map<QueueAttributeName, String> attributes = new LinkedHashMap<>();
    attributes.put(QueueAttributeName.VISIBILITY_TIMEOUT, seconds(queue.visibilityTimeout()));
    attributes.put(QueueAttributeName.MESSAGE_RETENTION_PERIOD, seconds(queue.retention()));
    attributes.put(QueueAttributeName.DELAY_SECONDS, seconds(queue.delay()));
    attributes.put(
        QueueAttributeName.RECEIVE_MESSAGE_WAIT_TIME_SECONDS, seconds(queue.receiveWait()));
    Queue.Redrive redrive = queue.redrive();
    if (redrive != null) {
      attributes.put(
          QueueAttributeName.REDRIVE_POLICY,
          "{\"deadLetterTargetArn\":\"%s\",\"maxReceiveCount\":%d}"
              .formatted(arn(template.queue(redrive.queueId())), redrive.maxReceiveCount()));
    }
    try {
      sqs().createQueue(r -> r.queueName(queue.name()).attributes(attributes));
    } catch (QueueNameExistsException e) {
      sqs().setQueueAttributes(r -> r.queueUrl(queue.url()).attributes(attributes));
    }
  }

  /** Asks the engine for the ARN, because an external engine may have another account. */
  private String arn(Queue queue) {
    return sqs()
        .getQueueAttributes(
            r -> r.queueUrl(queue.url()).attributeNames(QueueAttributeName.QUEUE_ARN))
        .attributes()
        .getOrDefault(QueueAttributeName.QUEUE_ARN, queue.arn());
  }

  private static String seconds(Duration duration) {
    return Long.toString(duration.toSeconds());
  }

  void close() {
    synchronized (opened) {
      opened.reversed().forEach(SdkAutoCloseable::close);
      opened.clear();
    }
  }
}

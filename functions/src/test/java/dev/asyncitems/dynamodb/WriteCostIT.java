package dev.asyncitems.dynamodb;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.asyncitems.local.LocalRun;
import dev.asyncitems.system.Api;
import dev.asyncitems.system.Api.Answer;
import dev.asyncitems.system.Backend;
import dev.asyncitems.system.Capability;
import dev.asyncitems.system.FaultProxy;
import dev.asyncitems.system.FaultProxy.Answered;
import dev.asyncitems.system.FaultProxy.Call;
import dev.asyncitems.system.FaultProxy.Engine;
import dev.asyncitems.system.Lane;
import dev.asyncitems.system.Needs;
import dev.asyncitems.system.TestClock;
import dev.asyncitems.value.UuidV7;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.http.crt.AwsCrtAsyncHttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.dynamodb.DynamoDbAsyncClient;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;
import software.amazon.awssdk.services.dynamodb.model.ReturnConsumedCapacity;
import software.amazon.awssdk.services.dynamodb.model.TransactWriteItem;
import software.amazon.awssdk.services.dynamodb.model.Update;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * The units of DynamoDB that each operation takes, with a text of 500 bytes and of 4 KB. They are
 * the figures of docs/decisions/0001 and 0041 and of bench/cost.py.
 */
@TestInstance(Lifecycle.PER_CLASS)
final class WriteCostIT {
  private static final Set<String> READS = Set.of("GetItem", "BatchGetItem", "Query");
  private static final Duration LONG = Duration.ofDays(1);

  /** Less than the limit of a first attempt, 1.5 s, part of which is over when the call arrives. */
  private static final Duration SLOW = Duration.ofSeconds(1);

  private static final int PAGE = 20;
  private static final int SHARDS = 2;

  private final TestClock clock = new TestClock();
  private final AtomicBoolean measuring = new AtomicBoolean();
  private final Map<Call, Long> arrivals = new ConcurrentHashMap<>();
  private final Map<Map.Entry<Call, Long>, Units> units = new ConcurrentHashMap<>();
  private final FaultProxy dynamoDb;
  private final LocalRun run;
  private final Backend backend;
  private final Api api;
  private final DynamoDbAsyncClient client;
  private final String table;

  WriteCostIT() throws Exception {
    dynamoDb = FaultProxy.open();
    run =
        Lane.run()
            .clock(clock)
            .withoutPollers()
            .environment(Map.of("AWS_ENDPOINT_URL_DYNAMODB", dynamoDb.uri().toString()))
            .start();
    dynamoDb.target(run.dynamoDbEndpoint());
    dynamoDb.plan(call -> this::measure);
    backend = new Backend(run);
    api = new Api(run.uri());
    client = client(run.dynamoDbEndpoint());
    table = run.tableName("Items");
  }

  @AfterAll
  void close() {
    client.close();
    backend.close();
    run.close();
    dynamoDb.close();
  }

  @Test
  @Needs(Capability.CONSUMED_CAPACITY)
  void aOneItemTransactionTakesTwiceTheUnitsOfAnUpdate() {
    assertThat(transaction(1).join()).isEqualTo(2 * update(1).join());
  }

  private CompletableFuture<Double> transaction(int value) {
    Update update =
        Update.builder()
            .tableName(table)
            .key(Map.of("id", AttributeValue.fromS("transaction")))
            .updateExpression("SET version = :v")
            .expressionAttributeValues(values(value))
            .build();
    return client
        .transactWriteItems(request ->
            request
                .clientRequestToken(UUID.randomUUID().toString())
                .returnConsumedCapacity(ReturnConsumedCapacity.TOTAL)
                .transactItems(TransactWriteItem.builder().update(update).build()))
        .thenApply(response -> response.consumedCapacity().getFirst().capacityUnits());
  }

  private CompletableFuture<Double> update(int value) {
    return client
        .updateItem(request ->
            request
                .tableName(table)
                .key(Map.of("id", AttributeValue.fromS("update")))
                .updateExpression("SET version = :v")
                .expressionAttributeValues(values(value))
                .returnConsumedCapacity(ReturnConsumedCapacity.TOTAL))
        .thenApply(response -> response.consumedCapacity().capacityUnits());
  }

  private static Map<String, AttributeValue> values(int value) {
    return Map.of(":v", AttributeValue.fromN(String.valueOf(value)));
  }

  @ParameterizedTest
  @Needs(Capability.UNITS_BY_INDEX)
  @CsvSource({
    "POST /items,                      500,    0,  3",
    "POST /items,                      4096,   0, 15",
    "POST /items with a key,           500,    0,  5",
    "POST /items with a key,           4096,   0, 25",
    "PUT /items/{id},                  500,    1,  3",
    "PUT /items/{id},                  4096,   2, 15",
    "PATCH /items/{id},                500,    1,  3",
    "PATCH /items/{id},                4096,   2, 15",
    "DELETE /items/{id},               500,    0,  3",
    "DELETE /items/{id},               4096,   0, 15",
    "GET /items,                       500,    3,  0",
    "GET /items,                       4096,  18,  0",
    "POST /notifications,              500,    0,  3",
    "POST /notifications,              4096,   0,  7",
    "POST /notifications with a key,   500,    0,  6",
    "POST /notifications with a key,   4096,   0, 22",
    "log a notification,               500,    0,  2",
    "log a notification,               4096,   0,  6",
    "dispatch a notification,          500,  0.5,  3",
    "dispatch a notification,          4096, 0.5,  7",
    "DELETE /notifications/{id},       500,    0,  3",
    "DELETE /notifications/{id},       4096,   0,  7",
    "GET /notifications,               500,   11,  0",
    "GET /notifications,               4096,  21,  0",
    "GET /notifications?status=queued, 500,   21,  0",
    "GET /notifications?status=queued, 4096,  41,  0"
  })
  void anOperationTakes(String operation, int bytes, double reads, double writes) throws Exception {
    String text = "𝄞".repeat(bytes / 4); // four bytes each
    String item = "{\"name\":\"Lamp\",\"price\":1,\"description\":\"" + text + "\"}";
    String message = "{\"message\":\"" + text + "\"}";
    String[] key = {"Idempotency-Key", UUID.randomUUID().toString()};

    Units taken =
        switch (operation) {
          case "POST /items" -> taken(() -> api.send("POST", "/items", item));
          case "POST /items with a key" -> taken(() -> api.send("POST", "/items", item, key));
          case "PUT /items/{id}" -> {
            String path = create("/items", item);
            yield taken(() -> api.send("PUT", path, item.replace("Lamp", "Torch")));
          }
          case "PATCH /items/{id}" -> {
            String path = create("/items", item);
            yield taken(() -> api.send("PATCH", path, "{\"price\":2}"));
          }
          case "DELETE /items/{id}" -> {
            String path = create("/items", item);
            yield taken(() -> api.send("DELETE", path, ""));
          }
          case "GET /items" -> {
            fill("Items", create("/items", item));
            yield taken(() -> api.get("/items?limit=" + PAGE));
          }
          case "POST /notifications" -> taken(() -> api.send("POST", "/notifications", message));
          case "POST /notifications with a key" ->
              taken(() -> api.send("POST", "/notifications", message, key));
          case "log a notification" -> {
            String id = id(create("/notifications", message));
            yield taken(() -> backend.consume(List.of(Backend.message(id))));
          }
          case "dispatch a notification" -> {
            backend.deleteRows(); // A query that finds nothing is free on DynamoDB Local.
            create("/notifications", message);
            clock.advance(LONG);
            yield taken(() -> run.invoke(Backend.RELAY, "{}".getBytes(UTF_8)));
          }
          case "DELETE /notifications/{id}" -> {
            String path = create("/notifications", message);
            yield taken(() -> api.send("DELETE", path, ""));
          }
          case "GET /notifications" -> {
            fill("Notifications", create("/notifications", message));
            yield taken(() -> api.get("/notifications?limit=" + PAGE));
          }
          case "GET /notifications?status=queued" -> {
            fill("Notifications", create("/notifications", message));
            yield taken(() -> api.get("/notifications?status=queued&limit=" + PAGE));
          }
          default -> throw new IllegalArgumentException(operation);
        };

    assertThat(taken).isEqualTo(new Units(reads, writes));
  }

  private Units taken(Callable<?> operation) throws Exception {
    arrivals.clear();
    units.clear();
    measuring.set(true);
    try {
      Object answer = operation.call();
      assertThat(answer instanceof Answer http ? http.status() : 200).isBetween(200, 299);
    } finally {
      measuring.set(false);
    }
    return units.values().stream().reduce(new Units(0, 0), Units::plus);
  }

  private String create(String list, String body) throws Exception {
    Answer created = api.send("POST", list, body);
    assertThat(created.status()).as(created.toString()).isBetween(200, 299);
    return created.header("Location");
  }

  private static String id(String path) {
    return path.substring(path.lastIndexOf('/') + 1);
  }

  /** Replaces all rows by copies of one, the same number in each shard. */
  private void fill(String tableId, String path) {
    Map<String, AttributeValue> row = backend.row(tableId, id(path));
    backend.deleteRows(tableId);
    List<Map<String, AttributeValue>> copies = new ArrayList<>();
    for (int i = 0; i < SHARDS * PAGE; i++) {
      clock.advance(Duration.ofMillis(1));
      UUID id = UuidV7.at(clock.instant());
      while (Math.floorMod(id.getLeastSignificantBits(), SHARDS) != i % SHARDS) {
        id = UuidV7.at(clock.instant());
      }
      Map<String, AttributeValue> copy = new HashMap<>(row);
      copy.put("id", AttributeValue.fromS(id.toString()));
      copy.put("shard", AttributeValue.fromN(String.valueOf(i % SHARDS)));
      if (row.containsKey("outbox")) {
        copy.put("outbox", AttributeValue.fromS("queued#" + i % SHARDS));
        copy.put("nextDispatchAt", AttributeValue.fromS(clock.instant() + "#" + id));
      }
      copies.add(copy);
    }
    backend.put(tableId, copies);
  }

  private static DynamoDbAsyncClient client(URI endpoint) {
    return DynamoDbAsyncClient.builder()
        .endpointOverride(endpoint)
        .region(Region.US_EAST_1)
        .credentialsProvider(
            StaticCredentialsProvider.create(AwsBasicCredentials.create("local", "local")))
        .httpClient(AwsCrtAsyncHttpClient.create())
        .build();
  }

  /** Passes a call on, with a request for the units that it takes. */
  private Optional<Answered> measure(Call call, Engine engine) throws Exception {
    long now = System.nanoTime();
    // On a busy machine, an attempt may be slow, and the function sends it again. Such a repetition
    // is the same call. An equal call that follows sooner is another one, and has units of its own.
    long arrival =
        arrivals.merge(call, now, (first, next) -> next - first < SLOW.toNanos() ? next : first);
    ObjectNode request = (ObjectNode) Api.JSON.readTree(call.body());
    request.put("ReturnConsumedCapacity", "INDEXES");
    Answered answer = engine.call(request.toString());
    if (measuring.get() && answer.status() == 200) {
      units.putIfAbsent(Map.entry(call, arrival), Units.of(call, answer));
    }
    return Optional.of(answer);
  }

  /** Units as DynamoDB reports them. */
  private record Units(double reads, double writes) {
    // DynamoDB Local reports two units for an index entry that a transaction writes. DynamoDB
    // reports one (github.com/nubo-db/dynoxide, pull request 188).
    private static final double ENTRY_IN_TRANSACTION = 0.5;

    static Units of(Call call, Answered answer) {
      JsonNode consumed = Api.JSON.readTree(answer.body()).path("ConsumedCapacity");
      Units sum = new Units(0, 0);
      for (JsonNode table : consumed.isArray() ? consumed : List.of(consumed)) {
        double all = table.path("CapacityUnits").asDouble(0);
        double entries = 0;
        for (JsonNode index : table.path("GlobalSecondaryIndexes")) {
          entries += index.required("CapacityUnits").asDouble();
        }
        boolean transaction = call.action().equals("TransactWriteItems");
        double billed = all - (transaction ? entries * (1 - ENTRY_IN_TRANSACTION) : 0);
        sum = sum.plus(READS.contains(call.action()) ? new Units(billed, 0) : new Units(0, billed));
      }
      return sum;
    }

    Units plus(Units other) {
      return new Units(reads + other.reads, writes + other.writes);
    }
  }
}

package dev.asyncitems.function;

import com.amazonaws.services.lambda.runtime.RequestStreamHandler;
import dev.asyncitems.call.Pause;
import dev.asyncitems.call.Retries;
import dev.asyncitems.dynamodb.DynamoDb;
import dev.asyncitems.dynamodb.DynamoImports;
import dev.asyncitems.dynamodb.DynamoItems;
import dev.asyncitems.dynamodb.DynamoOutbox;
import dev.asyncitems.dynamodb.DynamoTasks;
import dev.asyncitems.dynamodb.Shards;
import dev.asyncitems.imports.ImportStore;
import dev.asyncitems.item.Items;
import dev.asyncitems.lambda.Log;
import dev.asyncitems.lambda.QueueShell;
import dev.asyncitems.metric.Contention;
import dev.asyncitems.outbox.BackgroundTask;
import dev.asyncitems.outbox.Consumer;
import dev.asyncitems.outbox.Outbox;
import dev.asyncitems.outbox.OutboxStore;
import dev.asyncitems.outbox.Redelivery;
import dev.asyncitems.outbox.Relay;
import dev.asyncitems.outbox.TaskQueue;
import dev.asyncitems.outbox.TaskStore;
import dev.asyncitems.sdk.Clients;
import dev.asyncitems.settings.Setting;
import dev.asyncitems.settings.Settings;
import dev.asyncitems.snapstart.Snapshot;
import dev.asyncitems.sqs.SqsDeadLetters;
import dev.asyncitems.sqs.SqsDeliveries;
import dev.asyncitems.sqs.SqsTaskQueue;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiFunction;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;

/**
 * A builder of one function's objects from its environment variables. One thread uses the builder
 * during init. The objects are thread-safe.
 */
final class Wiring implements AutoCloseable {
  // Connections open on demand. A page or a batch of ten messages uses about ten connections. A
  // larger batch, or an environment with concurrent requests, uses more.
  private static final int CONNECTIONS = 128;

  // Creates a generator at each use, so that a cold start loads none. Environments that Lambda
  // restores from one snapshot draw different numbers (dev.asyncitems.snapstart.Snapshot).
  private static final Supplier<RandomGenerator> RANDOM = SecureRandom::new;

  private final Retries retries = new Retries(RANDOM, Pause.REAL);
  private final Map<String, String> environment;
  private final Settings settings;
  private final Contention contention = new Contention();
  private final Clients clients;
  private final DynamoDb dynamoDb;
  // By the prefix of the kind. The stores of a kind share its outbox entries.
  private final Map<String, DynamoOutbox> entries = new HashMap<>();
  private final Clock clock;

  /**
   * Reads the variables that the function needs.
   *
   * @throws IllegalStateException if variables are missing or malformed
   */
  Wiring(Map<String, String> environment, Clock clock, Setting... needed) {
    this.environment = environment;
    this.settings = Settings.read(environment, needed);
    this.clock = clock;
    this.clients = new Clients(settings.aws(CONNECTIONS), contention);
    this.dynamoDb = new DynamoDb(clients.dynamoDb(), shards(), contention, retries, clock);
  }

  private Shards shards() {
    return new Shards(
        settings.find(Setting.READ_SHARDS).map(Integer::valueOf).map(Shards.Read::new),
        settings.find(Setting.WRITE_SHARDS).map(Integer::valueOf).map(Shards.Write::new));
  }

  Items items() {
    DynamoItems store =
        new DynamoItems(
            dynamoDb, settings.get(Setting.ITEMS_TABLE), settings.find(Setting.IDEMPOTENCY_TABLE));
    return new Items(store, retries, clock);
  }

  <D> TaskStore<D> tasks(TaskKind<D> kind) {
    return new DynamoTasks<>(
        dynamoDb,
        settings.get(kind.table()),
        kind.rows().get(),
        settings.find(Setting.IDEMPOTENCY_TABLE),
        entries(kind));
  }

  ImportStore imports() {
    return new DynamoImports(
        dynamoDb,
        settings.get(TaskKind.IMPORT_CHUNK.table()),
        settings.find(Setting.ITEMS_TABLE),
        settings.find(Setting.IDEMPOTENCY_TABLE),
        retention(Setting.IMPORT_RETENTION_DAYS),
        entries(TaskKind.IMPORT_CHUNK));
  }

  Outbox outbox(TaskKind<?> kind) {
    return new Outbox(entries(kind), queue(kind), messageLife(), clock);
  }

  QueueShell queueShell(
      TaskKind<?> kind, BiFunction<Wiring, OutboxStore, BackgroundTask> effect, Log log) {
    SqsDeliveries deliveries =
        new SqsDeliveries(clients.sqs(), settings.get(kind.queue()), deadLetters(kind));
    OutboxStore entries = entries(kind);
    Redelivery redelivery =
        new Redelivery(
            visibilityTimeout(), maxDeliveries(), settings.number(Setting.MAX_ATTEMPTS), RANDOM);
    Consumer consumer = new Consumer(effect.apply(this, entries), entries, redelivery, clock);
    return new QueueShell(kind.idField(), consumer, deliveries, log);
  }

  Relay relay(TaskKind<?> kind, Relay.Observer observer) {
    return new Relay(
        entries(kind), queue(kind), deadLetters(kind), messageLife(), observer, Pause.REAL, clock);
  }

  private Duration messageLife() {
    return Redelivery.messageLife(visibilityTimeout(), maxDeliveries());
  }

  private Duration visibilityTimeout() {
    return Duration.ofSeconds(settings.number(Setting.VISIBILITY_TIMEOUT_SECONDS));
  }

  private int maxDeliveries() {
    return settings.number(Setting.MAX_RECEIVE_COUNT);
  }

  Log log(Class<?> function) {
    return Log.of(function, environment, contention, clock);
  }

  void prime(Class<? extends RequestStreamHandler> function) {
    Snapshot.of(environment, clock, function);
  }

  DynamoOutbox entries(TaskKind<?> kind) {
    return entries.computeIfAbsent(
        kind.prefix(),
        prefix ->
            new DynamoOutbox(
                dynamoDb, settings.get(kind.table()), retention(Setting.DONE_RETENTION_DAYS)));
  }

  private Optional<Duration> retention(Setting setting) {
    return settings
        .find(setting)
        .map(days -> Duration.ofDays(Long.parseLong(days)))
        .filter(Duration::isPositive);
  }

  TaskQueue queue(TaskKind<?> kind) {
    return new SqsTaskQueue(clients.sqs(), settings.get(kind.queue()));
  }

  private SqsDeadLetters deadLetters(TaskKind<?> kind) {
    return new SqsDeadLetters(clients.sqs(), settings.get(kind.deadLetterQueue()));
  }

  @Override
  public void close() {
    clients.close();
  }
}

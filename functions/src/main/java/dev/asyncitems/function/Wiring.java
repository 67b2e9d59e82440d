package dev.asyncitems.function;

import com.amazonaws.services.lambda.runtime.RequestStreamHandler;
import dev.asyncitems.call.Pause;
import dev.asyncitems.call.Retries;
import dev.asyncitems.dynamodb.DynamoDb;
import dev.asyncitems.dynamodb.DynamoItems;
import dev.asyncitems.dynamodb.DynamoNotifications;
import dev.asyncitems.dynamodb.DynamoOutbox;
import dev.asyncitems.dynamodb.Shards;
import dev.asyncitems.item.Items;
import dev.asyncitems.lambda.Log;
import dev.asyncitems.lambda.QueueShell;
import dev.asyncitems.metric.Contention;
import dev.asyncitems.notification.LogNotification;
import dev.asyncitems.notification.NotificationStore;
import dev.asyncitems.notification.Notifications;
import dev.asyncitems.notification.Sender;
import dev.asyncitems.outbox.BackgroundTask;
import dev.asyncitems.outbox.Consumer;
import dev.asyncitems.outbox.Outbox;
import dev.asyncitems.outbox.Redelivery;
import dev.asyncitems.outbox.Relay;
import dev.asyncitems.outbox.TaskQueue;
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
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;

/**
 * A builder of the objects that one function uses, from its environment variables. It is used by
 * one thread, during init. The objects are thread-safe.
 */
final class Wiring implements AutoCloseable {
  // Connections open on demand. A page or a batch uses about ten. A batch of a hundred, or an
  // environment with concurrent requests, uses more.
  private static final int CONNECTIONS = 128;

  // A new generator each time, since environments restored from one snapshot would share an older
  // one's seed.
  private static final Supplier<RandomGenerator> RANDOM = SecureRandom::new;

  private final Retries retries = new Retries(RANDOM, Pause.REAL);
  private final Map<String, String> environment;
  private final Settings settings;
  private final Contention contention = new Contention();
  private final Map<Task, DynamoOutbox> outboxStores = new EnumMap<>(Task.class);
  private final Clients clients;
  private final Clock clock;

  /**
   * @param needed the variables that the function needs
   * @throws IllegalStateException if variables are missing or malformed
   */
  Wiring(Map<String, String> environment, Clock clock, Setting... needed) {
    this.environment = environment;
    this.settings = Settings.read(environment, needed);
    this.clock = clock;
    this.clients = new Clients(settings.aws(CONNECTIONS), contention);
  }

  /** Creates the wiring of a function that dispatches tasks or runs them. */
  Wiring(Map<String, String> environment, Clock clock, List<Task> tasks, Setting... others) {
    this(environment, clock, Task.settings(tasks, others));
  }

  Items items() {
    DynamoItems store =
        new DynamoItems(
            dynamoDb(),
            settings.get(Setting.ITEMS_TABLE),
            settings.find(Setting.IDEMPOTENCY_TABLE));
    return new Items(store, retries, clock);
  }

  Notifications notifications() {
    return new Notifications(notificationStore());
  }

  Sender sender() {
    Outbox outbox =
        new Outbox(
            outboxStore(Task.NOTIFICATION),
            queue(Task.NOTIFICATION),
            redelivery().messageLife(),
            clock);
    return new Sender(notificationStore(), outbox, clock);
  }

  LogNotification logNotification() {
    int days = settings.number(Setting.LOGGED_RETENTION_DAYS);
    return new LogNotification(
        notificationStore(), days == 0 ? Optional.empty() : Optional.of(Duration.ofDays(days)));
  }

  QueueShell queueShell(Task task, BackgroundTask effect, Log log) {
    SqsDeliveries deliveries =
        new SqsDeliveries(clients.sqs(), settings.get(task.queue()), deadLetters(task));
    Consumer consumer = new Consumer(effect, outboxStore(task), redelivery(), clock);
    return new QueueShell(task.text(), consumer, deliveries, log);
  }

  Relay relay(Task task, Relay.Observer observer) {
    return new Relay(
        outboxStore(task),
        queue(task),
        deadLetters(task),
        redelivery().messageLife(),
        observer,
        Pause.REAL,
        clock);
  }

  private Redelivery redelivery() {
    return new Redelivery(
        Duration.ofSeconds(settings.number(Setting.VISIBILITY_TIMEOUT_SECONDS)),
        settings.number(Setting.MAX_RECEIVE_COUNT),
        RANDOM);
  }

  Log log(Class<?> function) {
    return Log.of(function, environment, contention, clock);
  }

  /** Primes functions of a class if Lambda takes a snapshot. */
  void prime(Class<? extends RequestStreamHandler> function) {
    Snapshot.of(environment, clock, function);
  }

  private NotificationStore notificationStore() {
    return new DynamoNotifications(
        dynamoDb(),
        settings.get(Task.NOTIFICATION.table()),
        settings.find(Setting.IDEMPOTENCY_TABLE),
        outboxStore(Task.NOTIFICATION));
  }

  private DynamoOutbox outboxStore(Task task) {
    return outboxStores.computeIfAbsent(
        task, named -> new DynamoOutbox(dynamoDb(), settings.get(named.table())));
  }

  TaskQueue queue(Task task) {
    return new SqsTaskQueue(clients.sqs(), settings.get(task.queue()));
  }

  private SqsDeadLetters deadLetters(Task task) {
    return new SqsDeadLetters(clients.sqs(), settings.get(task.deadLetterQueue()));
  }

  private DynamoDb dynamoDb() {
    Shards shards =
        new Shards(
            settings.find(Setting.READ_SHARDS).map(Integer::valueOf).map(Shards.Read::new),
            settings.find(Setting.WRITE_SHARDS).map(Integer::valueOf).map(Shards.Write::new));
    return new DynamoDb(clients.dynamoDb(), shards, contention, retries, clock);
  }

  @Override
  public void close() {
    clients.close();
  }
}

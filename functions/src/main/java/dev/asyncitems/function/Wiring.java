package dev.asyncitems.function;

import com.amazonaws.services.lambda.runtime.RequestStreamHandler;
import dev.asyncitems.dynamodb.DynamoItems;
import dev.asyncitems.dynamodb.DynamoNotifications;
import dev.asyncitems.dynamodb.Shards;
import dev.asyncitems.item.Items;
import dev.asyncitems.lambda.Log;
import dev.asyncitems.metric.Contention;
import dev.asyncitems.notification.DeadLetters;
import dev.asyncitems.notification.NotificationLog;
import dev.asyncitems.notification.NotificationQueue;
import dev.asyncitems.notification.NotificationStore;
import dev.asyncitems.notification.Recorder;
import dev.asyncitems.notification.Relay;
import dev.asyncitems.notification.Sender;
import dev.asyncitems.sdk.Clients;
import dev.asyncitems.settings.Setting;
import dev.asyncitems.settings.Settings;
import dev.asyncitems.snapstart.Snapshot;
import dev.asyncitems.sqs.SqsDeadLetters;
import dev.asyncitems.sqs.SqsNotificationQueue;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;

/**
 * Builds what one function uses, from its environment. To be used by one thread, during init; what
 * it builds is thread-safe.
 */
final class Wiring implements AutoCloseable {
  // Opened when wanted: a page or a batch needs some ten, an environment that serves many requests
  // at once or a batch of a hundred needs more.
  private static final int CONNECTIONS = 128;

  private final Map<String, String> environment;
  private final Settings settings;
  private final Contention contention = new Contention();
  private final Clients clients;
  private final Clock clock;

  /**
   * @throws IllegalStateException if environment variables are missing or malformed
   */
  Wiring(Map<String, String> environment, Clock clock, Setting... needed) {
    this.environment = environment;
    this.settings = Settings.read(environment, needed);
    this.clock = clock;
    this.clients = new Clients(settings.aws(CONNECTIONS), contention);
  }

  Items items() {
    return new Items(
        new DynamoItems(
            clients.dynamoDb(),
            settings.get(Setting.ITEMS_TABLE),
            settings.find(Setting.IDEMPOTENCY_TABLE),
            shards(),
            contention,
            clock),
        clock);
  }

  NotificationLog notificationLog() {
    return new NotificationLog(notificationStore());
  }

  Sender sender() {
    return new Sender(notificationStore(), queue(), clock);
  }

  Recorder recorder() {
    int days = settings.number(Setting.LOGGED_RETENTION_DAYS);
    return new Recorder(
        notificationStore(),
        queue(),
        deadLetters(),
        settings.number(Setting.MAX_RECEIVE_COUNT),
        days == 0 ? Optional.empty() : Optional.of(Duration.ofDays(days)),
        clock,
        SecureRandom::new); // drawn seldom, and not alike after a snapshot
  }

  Relay relay(Relay.Observer observer) {
    return new Relay(notificationStore(), queue(), deadLetters(), observer, clock);
  }

  Log log(Class<?> function) {
    return Log.of(function, environment, contention, clock);
  }

  /** Primes functions of a class before a snapshot is taken, if one is to be. */
  void prime(Class<? extends RequestStreamHandler> function) {
    Snapshot.of(environment, clock, function);
  }

  private NotificationStore notificationStore() {
    return new DynamoNotifications(
        clients.dynamoDb(),
        settings.get(Setting.NOTIFICATIONS_TABLE),
        settings.find(Setting.IDEMPOTENCY_TABLE),
        shards(),
        contention,
        clock);
  }

  NotificationQueue queue() {
    return new SqsNotificationQueue(clients.sqs(), settings.get(Setting.QUEUE_URL));
  }

  private DeadLetters deadLetters() {
    return new SqsDeadLetters(clients.sqs(), settings.get(Setting.DEAD_LETTER_QUEUE_URL));
  }

  private Shards shards() {
    return new Shards(
        settings.find(Setting.READ_SHARDS).map(Integer::valueOf).map(Shards.Read::new),
        settings.find(Setting.WRITE_SHARDS).map(Integer::valueOf).map(Shards.Write::new));
  }

  @Override
  public void close() {
    clients.close();
  }
}

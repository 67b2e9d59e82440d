package dev.asyncitems.dynamodb;

import static dev.asyncitems.item.TestItems.with;
import static org.assertj.core.api.Assertions.assertThat;

import dev.asyncitems.call.Deadline;
import dev.asyncitems.call.Pause;
import dev.asyncitems.call.Retries;
import dev.asyncitems.local.LocalRun;
import dev.asyncitems.metric.Contention;
import dev.asyncitems.notification.Notification;
import dev.asyncitems.notification.NotificationId;
import dev.asyncitems.outbox.OutboxEntry;
import dev.asyncitems.outbox.TaskStatus;
import dev.asyncitems.system.Lane;
import dev.asyncitems.trace.TraceContext;
import dev.asyncitems.value.Times;
import dev.asyncitems.value.UuidV7;
import java.lang.reflect.RecordComponent;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.UUID;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.http.crt.AwsCrtAsyncHttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.dynamodb.DynamoDbAsyncClient;

/**
 * Every member of a notification is stored and read: when it is accepted, or by a later attempt to
 * log it.
 */
@TestInstance(Lifecycle.PER_CLASS)
final class StoredNotificationsIT {
  private static final Instant LATER = Instant.parse("2036-01-15T09:32:00.123Z");

  private final LocalRun run = Lane.run().withoutFront().withoutPollers().start();
  private final DynamoDbAsyncClient client =
      DynamoDbAsyncClient.builder()
          .endpointOverride(run.dynamoDbEndpoint())
          .region(Region.US_EAST_1)
          .credentialsProvider(
              StaticCredentialsProvider.create(AwsBasicCredentials.create("local", "local")))
          .httpClient(AwsCrtAsyncHttpClient.create())
          .build();
  private final DynamoDb dynamoDb =
      new DynamoDb(
          client,
          new Shards(Optional.of(new Shards.Read(2)), Optional.of(new Shards.Write(2))),
          new Contention(),
          new Retries(Random::new, Pause.REAL),
          Clock.systemUTC());
  private final DynamoOutbox outbox = new DynamoOutbox(dynamoDb, run.tableName("Notifications"));
  private final DynamoNotifications notifications =
      new DynamoNotifications(dynamoDb, run.tableName("Notifications"), Optional.empty(), outbox);

  @AfterAll
  void close() {
    client.close();
    run.close();
  }

  private static Notification accepted() {
    Instant now = Times.now(Clock.systemUTC());
    NotificationId id = new NotificationId(UuidV7.at(now));
    return new Notification(
        id, "hello", TaskStatus.QUEUED, 0, id.time(), Optional.empty(), Optional.empty());
  }

  /** Returns a notification that differs from {@link #accepted} in every component. */
  private static Notification other() {
    return new Notification(
        new NotificationId(UuidV7.at(LATER)),
        "bye",
        TaskStatus.DONE,
        3,
        LATER,
        Optional.of(LATER),
        Optional.of("why"));
  }

  static List<RecordComponent> members() {
    return List.of(Notification.class.getRecordComponents());
  }

  @ParameterizedTest
  @MethodSource("members")
  void aMemberIsStoredWhenItsNotificationIsAcceptedOrAttempted(RecordComponent member)
      throws Exception {
    Notification accepted = add(accepted());
    Object was = value(member, accepted);
    Object other = value(member, other());
    assertThat(other).isNotEqualTo(was);

    Object stored = value(member, add(with(accepted(), member.getName(), other)));

    if (!stored.equals(other)) {
      List<Object> attempted = new ArrayList<>();
      for (Notification state : attempts(accepted)) {
        attempted.add(value(member, state));
      }
      assertThat(attempted)
          .as("%s after attempts", member)
          .anySatisfy(is -> assertThat(is).isNotEqualTo(was));
    }
  }

  @Test
  void anAcceptedNotificationIsReadAsItWasAccepted() {
    Notification accepted = accepted();
    assertThat(add(accepted)).isEqualTo(accepted);
  }

  @Test
  void anAttemptChangesTheMembersThatItIsAbout() {
    Notification accepted = accepted();
    List<Notification> states = attempts(add(accepted));
    Notification failing =
        with(with(accepted, "attempts", 1), "failure", Optional.of("the store was away"));
    Notification failed =
        with(
            with(with(failing, "attempts", 2), "status", TaskStatus.FAILED),
            "failure",
            Optional.of("given up"));
    Notification logged =
        with(
            with(
                with(with(failed, "attempts", 3), "status", TaskStatus.DONE),
                "failure",
                Optional.empty()),
            "loggedAt",
            Optional.of(LATER));
    assertThat(states).containsExactly(failing, failed, logged);
  }

  private Notification add(Notification notification) {
    UUID id = notification.id().value();
    OutboxEntry entry = new OutboxEntry(id, LATER, 0, TraceContext.UNKNOWN);
    assertThat(notifications.add(notification, entry, Optional.empty(), soon()).join()).isEmpty();
    return read(notification.id());
  }

  /** Fails to log a notification, gives up, and logs it after all. Returns each state. */
  private List<Notification> attempts(Notification queued) {
    NotificationId id = queued.id();
    List<Notification> states = new ArrayList<>();
    assertThat(outbox.recordFailure(id.value(), "one", "the store was away", soon()).join())
        .isTrue();
    states.add(read(id));
    assertThat(outbox.fail(id.value(), "two", "given up", LATER, soon()).join()).isTrue();
    states.add(read(id));
    var _ = notifications.log(id, "three", LATER, Optional.empty(), soon()).join();
    states.add(read(id));
    return states;
  }

  private Notification read(NotificationId id) {
    return notifications.find(id, soon()).join().orElseThrow();
  }

  private static Object value(RecordComponent member, Notification of) throws Exception {
    return member.getAccessor().invoke(of);
  }

  private static Deadline soon() {
    return Deadline.after(Duration.ofSeconds(10));
  }
}

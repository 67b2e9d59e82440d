package dev.asyncitems.sdk;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.asyncitems.call.Deadline;
import dev.asyncitems.call.DeadlineExceeded;
import dev.asyncitems.call.Futures;
import dev.asyncitems.call.Pause;
import dev.asyncitems.call.Retries;
import dev.asyncitems.call.Unavailable;
import dev.asyncitems.dynamodb.DynamoDb;
import dev.asyncitems.dynamodb.DynamoItems;
import dev.asyncitems.dynamodb.Shards;
import dev.asyncitems.item.Item;
import dev.asyncitems.item.ItemStore;
import dev.asyncitems.metric.Contention;
import dev.asyncitems.system.FaultProxy;
import dev.asyncitems.system.FaultProxy.Fault;
import java.io.IOException;
import java.net.ServerSocket;
import java.net.URI;
import java.time.Clock;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.services.dynamodb.model.PutItemRequest;

/** Calls to a service that is slow or away. */
final class CallsIT {
  private static final Duration AMPLE = Duration.ofSeconds(60);
  private static final int CONNECTIONS = 400;
  private static final Fault NO_ROW = Fault.answer(200, "{}");
  private static final String THROTTLED =
      "{\"__type\":\"com.amazonaws.dynamodb.v20120810#ProvisionedThroughputExceededException\"}";

  private final FaultProxy service;
  private final Contention contention = new Contention();
  private final Clients clients;
  private final ItemStore items;

  CallsIT() throws IOException {
    service = FaultProxy.open();
    clients = clients(service.uri());
    items = items(clients);
  }

  private ItemStore items(Clients of) {
    return new DynamoItems(
        new DynamoDb(
            of.dynamoDb(),
            new Shards(Optional.empty(), Optional.empty()),
            contention,
            new Retries(Random::new, Pause.REAL),
            Clock.systemUTC()),
        "Items",
        Optional.empty());
  }

  private Clients clients(URI dynamoDb) {
    return new Clients(
        new Clients.Config(
            "us-east-1",
            Optional.of(new Clients.Credentials("local", "local", Optional.empty())),
            Optional.of(dynamoDb),
            Optional.empty(),
            CONNECTIONS),
        contention);
  }

  @BeforeEach
  void answer() {
    service.always("GetItem", NO_ROW);
  }

  @AfterEach
  void close() {
    clients.close();
    service.close();
  }

  @Test
  void aSlowAttemptIsFollowedByAnother() {
    service.next("GetItem", Fault.HANG);

    assertThat(find(items, AMPLE).join()).isEmpty();

    assertThat(service.calls()).hasSize(2);
    assertThat(contention.takeRetries()).isEqualTo(1);
  }

  /** The SDK's retry budget allows 100 parallel retries. */
  @Test
  void soItIsHoweverManyAreSlow() {
    Fault[] slow = new Fault[150];
    Arrays.fill(slow, Fault.HANG);
    service.next("GetItem", slow);

    List<CompletableFuture<Optional<Item>>> all =
        Stream.generate(() -> find(items, AMPLE)).limit(slow.length).toList();

    assertThat(Futures.all(all).join()).containsOnly(Optional.empty());
  }

  @Test
  void aServiceThatIsSlowEveryTimeIsGivenMoreTime() {
    service.next("GetItem", late(), late());

    assertThat(find(items, AMPLE).join()).isEmpty();

    assertThat(service.calls()).hasSize(2);
  }

  // Longer than the time limit of a first attempt.
  private static Fault late() {
    return (call, engine) -> {
      Thread.sleep(2_000); // The service's latency: no test waits for a state with it.
      return NO_ROW.apply(call, engine);
    };
  }

  @Test
  void oneThatNeverAnswersIsSlowAndNotAway() {
    service.always("GetItem", Fault.HANG);
    service.next("GetItem", Fault.HANG, Fault.HANG);

    assertThat(failure(find(items, Duration.ofSeconds(3))))
        .isInstanceOf(DeadlineExceeded.class)
        .hasMessageContaining("DynamoDB did not answer in time");
    assertThat(service.calls()).hasSize(2);
  }

  @Test
  void oneThatIsAwayCannotBeReached() throws IOException {
    int closed;
    try (ServerSocket socket = new ServerSocket(0)) {
      closed = socket.getLocalPort();
    }
    try (Clients nowhere = clients(URI.create("http://127.0.0.1:" + closed))) {
      assertThat(failure(find(items(nowhere), AMPLE)))
          .isInstanceOf(Unavailable.class)
          .hasMessage("DynamoDB could not be reached");
    }
  }

  @Test
  void anAttemptAfterARejectedOneDoesNotMeanALostResponse() {
    Fault busy = Fault.answer(400, THROTTLED);
    service.next("PutItem", busy, busy);
    assertThat(loses()).isFalse();
    assertThat(service.calls()).hasSize(3);
  }

  /** An error of the service does not tell whether the write took effect. */
  @Test
  void anAttemptAfterAnyOtherOneMeansALostResponse() {
    for (Fault lost : List.of(Fault.HANG, Fault.REFUSE, Fault.UNAVAILABLE)) {
      service.next("PutItem", lost);
      assertThat(loses()).isTrue();
    }
  }

  private boolean loses() {
    service.always("PutItem", Fault.answer(200, "{}"));
    AtomicBoolean lost = new AtomicBoolean();
    PutItemRequest put = PutItemRequest.builder().tableName("Items").item(Map.of()).build();
    Calls.start("DynamoDB", Deadline.after(AMPLE), lost, () -> clients.dynamoDb().putItem(put))
        .join();
    return lost.get();
  }

  private static CompletableFuture<Optional<Item>> find(ItemStore store, Duration time) {
    return store.find(UUID.randomUUID(), Deadline.after(time));
  }

  private static Throwable failure(CompletableFuture<?> call) {
    return Futures.cause(catchThrowable(call::join));
  }
}

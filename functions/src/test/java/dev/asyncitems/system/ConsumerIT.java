package dev.asyncitems.system;

import static dev.asyncitems.system.Backend.CONSUMER;
import static dev.asyncitems.system.Backend.DEAD_LETTERS;
import static dev.asyncitems.system.Backend.HIDDEN;
import static dev.asyncitems.system.Backend.QUEUE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.amazonaws.services.lambda.runtime.Context;
import dev.asyncitems.function.LogNotifications;
import dev.asyncitems.local.LocalRun;
import dev.asyncitems.system.Api.Answer;
import dev.asyncitems.system.FaultProxy.Call;
import dev.asyncitems.system.FaultProxy.Fault;
import java.io.ByteArrayInputStream;
import java.io.OutputStream;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import software.amazon.awssdk.core.SdkBytes;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;
import software.amazon.awssdk.services.sqs.model.Message;
import software.amazon.awssdk.services.sqs.model.MessageAttributeValue;
import software.amazon.awssdk.services.sqs.model.MessageSystemAttributeName;
import tools.jackson.databind.JsonNode;

/** Calls the consumer with batches while its store and its queues fail. */
@TestInstance(Lifecycle.PER_CLASS)
final class ConsumerIT {
  private static final int MAX_RECEIVES = 30;
  private static final int MAX_ATTEMPTS = 8;

  private final TestClock clock = new TestClock();
  private final FaultProxy dynamoDb;
  private final FaultProxy sqs;
  private final LocalRun run;
  private final Backend backend;
  private final Api api;

  ConsumerIT() throws Exception {
    dynamoDb = FaultProxy.open();
    sqs = FaultProxy.open();
    run =
        Lane.run()
            .clock(clock)
            .withoutPollers()
            .parameter("DoneRetentionDays", "30")
            .environment(
                CONSUMER,
                Map.of(
                    "AWS_ENDPOINT_URL_DYNAMODB", dynamoDb.uri().toString(),
                    "AWS_ENDPOINT_URL_SQS", sqs.uri().toString()))
            .start();
    dynamoDb.target(run.dynamoDbEndpoint());
    sqs.target(run.sqsEndpoint());
    backend = new Backend(run);
    api = new Api(run.uri());
  }

  @BeforeEach
  void healAndEmpty() {
    dynamoDb.heal();
    sqs.heal();
    backend.empty(QUEUE);
    backend.empty(DEAD_LETTERS);
    dynamoDb.calls().clear();
    sqs.calls().clear();
  }

  @AfterAll
  void close() {
    backend.close();
    run.close();
    dynamoDb.close();
    sqs.close();
  }

  @Test
  @Needs(Capability.ATOMIC_CONDITIONS)
  void logsTheGoodDeadLettersTheMalformedAndLeavesTheDuplicateAlone() throws Exception {
    String id = send("good");
    Message good = take(1).getFirst();
    String malformed = "{\"id\":\"not a UUID\"";
    clock.advance(Duration.ofSeconds(3));

    Set<String> failed =
        backend.consume(List.of(good, message(malformed, 1), message(good.body(), 1)));

    assertThat(failed).isEmpty();
    JsonNode logged = get(id);
    assertThat(logged.required("status").asString()).isEqualTo("logged");
    assertThat(logged.required("attempts").asInt()).isEqualTo(1);
    assertThat(logged.required("loggedAt").asString())
        .isEqualTo(clock.instant().toString().replaceFirst("(:\\d\\d)Z", "$1.000Z"));
    assertDeadLetter(malformed, "the message is malformed");
  }

  @Test
  void changesNothingWhenAJobComesAgainLater() throws Exception {
    String id = send("once");
    Message message = take(1).getFirst();
    assertThat(backend.consume(List.of(message))).isEmpty();
    Map<String, AttributeValue> row = backend.row(id);
    clock.advance(Duration.ofHours(1));

    assertThat(backend.consume(List.of(message, message(message.body(), MAX_RECEIVES)))).isEmpty();

    assertThat(backend.row(id)).isEqualTo(row);
    assertThat(row).doesNotContainKeys("outbox", "nextDispatchAt", "failure");
    assertThat(Backend.text(row, "expiresAt"))
        .isEqualTo(
            ""
                + Instant.parse(Backend.text(row, "doneAt"))
                    .plus(Duration.ofDays(30))
                    .getEpochSecond());
    assertThat(backend.visible(DEAD_LETTERS)).isZero();
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 4, MAX_RECEIVES})
  void aMessageOfADeletedTaskIsDone(int delivery) throws Exception {
    String id = send("deleted while it is queued");
    Message message = delivered(take(1).getFirst(), delivery);
    Map<String, AttributeValue> tombstone = delete(id);

    assertThat(backend.consume(List.of(message))).isEmpty();

    assertThat(backend.row(id)).isEqualTo(tombstone);
    assertThat(backend.visible(DEAD_LETTERS)).isZero();
  }

  @Test
  void aTaskThatIsDeletedBeforeItsEffectEndsQuietly() throws Exception {
    String id = send("deleted in flight");
    dynamoDb.next(
        effect(id),
        (call, engine) -> {
          delete(id);
          return Fault.PASS.apply(call, engine);
        });

    assertThat(backend.consume(take(1))).isEmpty();

    assertIsTombstone(id);
  }

  @Test
  void aTaskThatIsDeletedAfterItsEffectStaysDeletedThoughTheEffectIsSentAgain() throws Exception {
    String id = send("deleted before the answer");
    dynamoDb.next(
        effect(id),
        (call, engine) -> {
          engine.call();
          delete(id);
          return Fault.REFUSE.apply(call, engine);
        });

    assertThat(backend.consume(take(1))).isEmpty();

    assertThat(dynamoDb.calls().stream().filter(effect(id))).hasSize(2);
    assertIsTombstone(id);
  }

  @Test
  void aFailedAttemptAtADeletedTaskIsNotRecordedAndTheNextDeliveryIsDone() throws Exception {
    String id = send("deleted during its last attempt");
    Message message = delivered(take(1).getFirst(), MAX_RECEIVES - 1);
    Map<String, AttributeValue> row = new HashMap<>(backend.row(id));
    row.put("attemptsUsed", AttributeValue.fromN(String.valueOf(MAX_ATTEMPTS - 1)));
    backend.put(List.of(row));
    dynamoDb.always(
        effect(id),
        (call, engine) -> {
          if (!backend.row(id).containsKey("deletedAt")) {
            delete(id);
          }
          return Fault.UNAVAILABLE.apply(call, engine);
        });

    assertThat(backend.consume(List.of(message))).containsExactly(message.messageId());
    assertIsTombstone(id);
    dynamoDb.heal();
    assertThat(backend.consume(List.of(delivered(message, MAX_RECEIVES)))).isEmpty();

    assertIsTombstone(id);
    assertThat(backend.visible(DEAD_LETTERS)).isZero();
  }

  @Test
  void aReplayOfATaskThatWasDeletedAfterItFailedIsDone() throws Exception {
    String id = send("failed, then deleted");
    failTheLastAttempt(id);
    Map<String, AttributeValue> tombstone = delete(id);
    assertThat(listed("failed")).doesNotContain(id);

    assertThat(backend.consume(backend.take(DEAD_LETTERS, 1))).isEmpty();

    assertThat(backend.row(id)).isEqualTo(tombstone);
  }

  /** Deletes a notification and returns its tombstone. */
  private Map<String, AttributeValue> delete(String id) throws Exception {
    assertThat(api.send("DELETE", "/notifications/" + id, "").status()).isEqualTo(204);
    return assertIsTombstone(id);
  }

  private Map<String, AttributeValue> assertIsTombstone(String id) {
    Map<String, AttributeValue> row = backend.row(id);
    assertThat(row).containsOnlyKeys("id", "status", "deletedAt", "expiresAt", "lastWrite");
    return row;
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "`{\"id\":\"019bc0fe-749b-79d1-ab7f-05c3d8e46a19\"}`|no row has the message's id",
        "`{\"id\":7}`|the message is malformed",
        "[]|the message is malformed",
        "nonsense|the message is malformed",
      })
  void deadLettersAJobThatCannotSucceed(String body, String reason) {
    assertThat(backend.consume(List.of(message(body, 1)))).isEmpty();

    assertDeadLetter(body, reason);
  }

  @Test
  void aDeadLetterKeepsTheAttributesOfItsMessage() {
    Map<String, MessageAttributeValue> own =
        Map.of(
            "requestId", text("request-1"),
            "who", text("d'où, 漢字"),
            "price", attribute("Number.price").stringValue("1.50").build(),
            "count", attribute("Number").stringValue("-7").build(),
            "custom", attribute("String.x").stringValue("y").build(),
            "bytes", attribute("Binary").binaryValue(SdkBytes.fromByteArray(BYTES)).build(),
            "png", attribute("Binary.png").binaryValue(SdkBytes.fromByteArray(BYTES)).build());
    Message message = message("nonsense", 1);
    String trace = "Root=1-5759e988-bd862e3fe1be46a994272793;Sampled=0;Lineage=1:a87bd80c:0";
    Message traced =
        message.toBuilder()
            .messageAttributes(own)
            .attributes(
                Map.of(
                    MessageSystemAttributeName.APPROXIMATE_RECEIVE_COUNT,
                    "1",
                    MessageSystemAttributeName.AWS_TRACE_HEADER,
                    trace))
            .build();

    assertThat(backend.consume(List.of(traced))).isEmpty();

    Message letter = assertDeadLetter("nonsense", "the message is malformed");
    Map<String, MessageAttributeValue> kept = new HashMap<>(letter.messageAttributes());
    kept.remove("reason");
    assertThat(kept).isEqualTo(own);
    assertThat(letter.attributes())
        .containsEntry(MessageSystemAttributeName.AWS_TRACE_HEADER, trace);
  }

  @Test
  void aMessageWithTenAttributesKeepsThemAndItsDeadLetterHasNoReason() {
    Map<String, MessageAttributeValue> ten = new HashMap<>();
    for (int i = 0; i < 10; i++) {
      ten.put("a" + i, text("" + i));
    }

    assertThat(backend.consume(List.of(with(ten, "nonsense")))).isEmpty();

    assertThat(assertDeadLetter("nonsense", "").messageAttributes()).isEqualTo(ten);
  }

  @Test
  void anEarlierReasonGivesWayToTheNewOne() {
    Map<String, MessageAttributeValue> ten = new HashMap<>(Map.of("reason", text("an old one")));
    for (int i = 0; i < 9; i++) {
      ten.put("a" + i, text("" + i));
    }

    assertThat(backend.consume(List.of(with(ten, "nonsense")))).isEmpty();

    assertDeadLetter("nonsense", "the message is malformed");
  }

  /** SQS accepts 1,048,576 bytes. The reason takes 36 bytes, and the message's attribute 8. */
  @ParameterizedTest
  @CsvSource({
    "1048576, false, false",
    "1048541, false, false",
    "1048540, false, true",
    "1048568, true, false",
    "1048533, true, false",
    "1048532, true, true"
  })
  void aMessageWithoutRoomForTheReasonIsDeadLetteredWithoutIt(
      int bytes, boolean attribute, boolean room) {
    Map<String, MessageAttributeValue> own =
        attribute ? Map.of("a", attribute("Number").stringValue("7").build()) : Map.of();
    String body = "é" + "x".repeat(bytes - 2);

    assertThat(backend.consume(List.of(with(own, body)))).isEmpty();

    // The SDK may repeat a slow call, which adds another letter.
    assertThat(backend.take(DEAD_LETTERS, 10))
        .isNotEmpty()
        .allSatisfy(letter -> {
          assertThat(letter.body().equals(body)).isTrue();
          assertThat(Backend.reason(letter)).isEqualTo(room ? "the message is malformed" : "");
          assertThat(letter.messageAttributes()).containsAllEntriesOf(own);
        });
  }

  private static final byte[] BYTES = {0, -1, -128, 10};

  private static MessageAttributeValue.Builder attribute(String type) {
    return MessageAttributeValue.builder().dataType(type);
  }

  private static MessageAttributeValue text(String text) {
    return attribute("String").stringValue(text).build();
  }

  private static Message with(Map<String, MessageAttributeValue> attributes, String body) {
    return message(body, 1).toBuilder().messageAttributes(attributes).build();
  }

  @Test
  void keepsAJobThatCouldNotBeDeadLettered() {
    sqs.always("SendMessage", Fault.REFUSE);
    Message malformed = message("nonsense", 1);

    assertThat(backend.consume(List.of(malformed))).containsExactly(malformed.messageId());

    assertThat(backend.visible(DEAD_LETTERS)).isZero();
  }

  @ParameterizedTest
  @CsvSource({"1, 5, 10", "4, 40, 80", "7, 75, 150"})
  void returnsTheBatchWithADelayWhileTheStoreIsAway(int delivery, int least, int most)
      throws Exception {
    Set<String> ids = Set.of(send("a"), send("b"), send("c"));
    List<Message> messages = take(3).stream().map(message -> delivered(message, delivery)).toList();
    dynamoDb.always("UpdateItem", Fault.UNAVAILABLE);

    Set<String> failed = backend.consume(messages);

    assertThat(failed).isEqualTo(messageIds(messages));
    List<JsonNode> changes = changesOfVisibility();
    assertThat(changes).hasSize(3);
    assertThat(changes)
        .extracting(change -> change.required("ReceiptHandle").asString())
        .containsExactlyInAnyOrderElementsOf(
            messages.stream().map(Message::receiptHandle).toList());
    assertThat(changes)
        .extracting(change -> change.required("VisibilityTimeout").asInt())
        .allMatch(delay -> delay >= least && delay <= most);
    for (String id : ids) {
      assertThat(get(id).required("status").asString()).isEqualTo("queued");
      assertThat(get(id).required("attempts").asInt()).isZero();
    }
    assertThat(backend.inFlight(QUEUE)).isEqualTo(3);
  }

  @Test
  void letsAFailedMessageComeBackAfterItsDelayAndNotAfterTheWholeTimeout() throws Exception {
    send("a");
    List<Message> messages = take(1);
    dynamoDb.always("UpdateItem", Fault.REFUSE);

    assertThat(backend.consume(messages)).isEqualTo(messageIds(messages));

    dynamoDb.heal();
    assertThat(backend.receive(QUEUE, 1, HIDDEN)).isEmpty();
    List<Message> again = new ArrayList<>();
    await("a delay of at most 10 s, much less than the timeout")
        .atMost(Duration.ofSeconds(20))
        .until(() -> again.addAll(backend.receive(QUEUE, 1, HIDDEN)));
    assertThat(again.getFirst().body()).isEqualTo(messages.getFirst().body());
    assertThat(backend.consume(again)).isEmpty();
    assertThat(get(idOf(again.getFirst())).required("attempts").asInt())
        .as("the failed attempt was not recorded")
        .isEqualTo(1);
  }

  @Test
  void returnsOnlyTheMessagesThatFailed() throws Exception {
    send("a");
    send("b");
    List<Message> messages = take(2);
    dynamoDb.always(update(idOf(messages.getFirst())), Fault.UNAVAILABLE);

    assertThat(backend.consume(messages)).containsExactly(messages.getFirst().messageId());

    assertThat(get(idOf(messages.getFirst())).required("status").asString()).isEqualTo("queued");
    assertThat(get(idOf(messages.get(1))).required("status").asString()).isEqualTo("logged");
  }

  @Test
  void recordsAFailedAttemptOnceForEachDelivery() throws Exception {
    String id = send("fails twice");
    for (int delivery = 1; delivery <= 2; delivery++) {
      Message message = take(1).getFirst();
      storeAnswersAfter(4, id);

      assertThat(backend.consume(List.of(message))).containsExactly(message.messageId());

      JsonNode queued = get(id);
      assertThat(queued.required("status").asString()).isEqualTo("queued");
      assertThat(queued.required("failure").asString()).isEqualTo("the store was unavailable");
      assertThat(queued.required("attempts").asInt()).isEqualTo(delivery);
      backend.release(QUEUE, message);
    }
    Message message = take(1).getFirst();
    dynamoDb.next(update(id), Fault.UNAVAILABLE, Fault.UNAVAILABLE, Fault.UNAVAILABLE);
    dynamoDb.next(update(id), Fault.UNAVAILABLE, Fault.DROP_ANSWER);

    assertThat(backend.consume(List.of(message))).containsExactly(message.messageId());

    assertThat(get(id).required("attempts").asInt()).as("a lost answer counts once").isEqualTo(3);
    backend.release(QUEUE, message);
    assertThat(backend.consume(take(1))).isEmpty();
    assertThat(get(id).required("attempts").asInt()).isEqualTo(4);
    assertThat(get(id).has("failure")).isFalse();
  }

  @Test
  void marksAsFailedAndDeadLettersWhatTheLastAttemptCouldNotLog() throws Exception {
    String id = send("unlucky");

    failTheLastAttempt(id);

    String reason = "the store was unavailable at the last of 8 attempts";
    JsonNode failed = get(id);
    assertThat(failed.required("status").asString()).isEqualTo("failed");
    assertThat(failed.required("failure").asString()).isEqualTo(reason);
    assertThat(failed.required("attempts").asInt()).isEqualTo(MAX_ATTEMPTS);
    assertThat(failed.has("loggedAt")).isFalse();
    assertThat(backend.row(id)).doesNotContainKey("attemptsUsed");
    assertThat(listed("failed")).contains(id);
    assertThat(listed("queued")).doesNotContain(id);
    assertDeadLetter("{\"id\":\"" + id + "\"}", reason);
  }

  @Test
  void givesUpAfterAllDeliveriesToo() throws Exception {
    String id = send("unlucky deliveries");
    Message last = delivered(take(1).getFirst(), MAX_RECEIVES);
    dynamoDb.always(effect(id), Fault.UNAVAILABLE);

    assertThat(backend.consume(List.of(last))).isEmpty();

    String reason = "the store was unavailable at the last of 30 deliveries";
    assertThat(get(id).required("failure").asString()).isEqualTo(reason);
    assertDeadLetter(last.body(), reason);
  }

  @Test
  void aDeliveryThatMayKillTheFunctionIsRecordedBeforeItsAttempt() throws Exception {
    String id = send("suspect");
    Message suspect = delivered(take(1).getFirst(), 4);
    List<String> rows = new ArrayList<>();
    dynamoDb.always(
        effect(id),
        (call, engine) -> {
          Map<String, AttributeValue> row = backend.row(id);
          rows.add(Backend.text(row, "attemptsUsed") + " " + Backend.text(row, "failure"));
          return Fault.PASS.apply(call, engine);
        });

    assertThat(backend.consume(List.of(suspect))).isEmpty();

    assertThat(rows).containsExactly("1 the function stopped");
    JsonNode logged = get(id);
    assertThat(logged.required("attempts").asInt()).isEqualTo(1);
    assertThat(logged.has("failure")).isFalse();
    assertThat(backend.row(id)).doesNotContainKey("attemptsUsed");
  }

  @Test
  @Needs(Capability.MOVE_TASKS)
  void logsWhatHadFailedOnceItIsReplayed() throws Exception {
    String id = send("unlucky, then replayed");
    failTheLastAttempt(id);
    await().atMost(Duration.ofSeconds(5)).until(() -> backend.visible(DEAD_LETTERS) == 1);

    backend.redrive();

    List<Message> replayed = new ArrayList<>();
    await()
        .atMost(Duration.ofSeconds(10))
        .until(() -> replayed.addAll(backend.receive(QUEUE, 1, HIDDEN)));
    clock.advance(Duration.ofDays(1));
    assertThat(backend.consume(replayed)).isEmpty();
    JsonNode logged = get(id);
    assertThat(logged.required("status").asString()).isEqualTo("logged");
    assertThat(logged.required("attempts").asInt()).isEqualTo(MAX_ATTEMPTS + 1);
    assertThat(logged.has("failure")).isFalse();
    assertThat(backend.row(id)).doesNotContainKeys("outbox", "nextDispatchAt", "failure");
    assertThat(listed("failed")).doesNotContain(id);
    assertThat(listed("logged")).contains(id);
  }

  /** Fails the last attempt at a task. The store can only record that. */
  private void failTheLastAttempt(String id) {
    Message message = take(1).getFirst();
    Map<String, AttributeValue> row = new HashMap<>(backend.row(id));
    row.put("attempts", AttributeValue.fromN(String.valueOf(MAX_ATTEMPTS - 1)));
    row.put("attemptsUsed", AttributeValue.fromN(String.valueOf(MAX_ATTEMPTS - 1)));
    backend.put(List.of(row));
    storeAnswersAfter(4, id);
    clock.advance(Duration.ofMinutes(10));

    assertThat(backend.consume(List.of(message))).isEmpty();
    backend.delete(QUEUE, List.of(message));
  }

  @Test
  void neverMarksALoggedOneAsFailed() throws Exception {
    String id = send("logged, but nobody was told");
    Message last = delivered(take(1).getFirst(), MAX_RECEIVES);
    dynamoDb.next(effect(id), Fault.DROP_ANSWER);
    dynamoDb.always(effect(id), Fault.UNAVAILABLE);

    assertThat(backend.consume(List.of(last))).containsExactly(last.messageId());

    assertThat(get(id).required("status").asString()).isEqualTo("logged");
    assertThat(backend.row(id)).doesNotContainKeys("outbox", "nextDispatchAt", "failure");
    // The consumer tried to mark the row.
    assertThat(dynamoDb.calls()).anyMatch(call -> call.body().contains("at the last of"));
  }

  @Test
  void leavesARowQueuedThatItCouldNotMarkAsFailed() throws Exception {
    String id = send("left to the relay");
    Message last = delivered(take(1).getFirst(), MAX_RECEIVES);
    dynamoDb.always("UpdateItem", Fault.REFUSE);

    assertThat(backend.consume(List.of(last))).containsExactly(last.messageId());

    assertThat(get(id).required("status").asString()).isEqualTo("queued");
    assertThat(backend.row(id)).containsKeys("outbox", "nextDispatchAt");
  }

  @Test
  void logsOnceThoughTheAnswerOfTheUpdateIsLost() throws Exception {
    String id = send("lost answer");
    List<Message> messages = take(1);
    dynamoDb.next(update(id), Fault.DROP_ANSWER);

    assertThat(backend.consume(messages)).isEmpty();

    assertThat(dynamoDb.calls().stream().filter(update(id))).hasSize(2);
    assertThat(get(id).required("status").asString()).isEqualTo("logged");
    assertThat(get(id).required("attempts").asInt()).isEqualTo(1);
  }

  @Test
  void logsNothingBeforeItWasCreatedThoughItsClockLags() throws Exception {
    String id = send("from the future");
    clock.advance(Duration.ofHours(-1));

    assertThat(backend.consume(take(1))).isEmpty();

    JsonNode logged = get(id);
    assertThat(logged.required("loggedAt")).isEqualTo(logged.required("createdAt"));
    clock.advance(Duration.ofHours(1));
  }

  @Test
  void worksOnTenMessagesAtOnce() throws Exception {
    Set<String> ids = send(10);
    Set<String> underWay = ConcurrentHashMap.newKeySet();
    CountDownLatch all = new CountDownLatch(10);
    dynamoDb.always(
        "UpdateItem",
        (call, engine) -> {
          if (underWay.add(call.body())) {
            all.countDown();
          }
          all.await();
          return Fault.PASS.apply(call, engine);
        });

    assertThat(backend.consume(take(10))).isEmpty();

    assertThat(underWay).hasSize(10);
    for (String id : ids) {
      assertThat(get(id).required("status").asString()).isEqualTo("logged");
    }
  }

  @Test
  void returnsInTimeWhatHangs() throws Exception {
    send(3);
    List<Message> messages = take(3);
    Message good = messages.get(1);
    CountDownLatch never = new CountDownLatch(1);
    dynamoDb.always(update(idOf(messages.get(0))), Fault.hold(never));
    dynamoDb.always(update(idOf(messages.get(2))), Fault.hold(never));
    Duration timeout = Duration.ofSeconds(5);

    // The run ends a longer invocation, as Lambda does.
    Set<String> failed = Backend.failures(run.invoke(CONSUMER, Backend.batch(messages), timeout));

    assertThat(failed)
        .containsExactlyInAnyOrder(messages.get(0).messageId(), messages.get(2).messageId());
    assertThat(get(idOf(good)).required("status").asString()).isEqualTo("logged");
    assertThat(changesOfVisibility()).hasSize(2);
    never.countDown();
  }

  @Test
  void returnsInTimeWhatHangsThoughTheQueueHangsToo() throws Exception {
    send(2);
    List<Message> messages = take(2);
    CountDownLatch never = new CountDownLatch(1);
    dynamoDb.always("UpdateItem", Fault.hold(never));
    sqs.always(call -> true, Fault.hold(never));

    Set<String> failed =
        Backend.failures(run.invoke(CONSUMER, Backend.batch(messages), Duration.ofMillis(4_500)));

    assertThat(failed).isEqualTo(messageIds(messages));
    never.countDown();
  }

  @Test
  void logsEachOnceAfterItWasKilledInTheMiddleOfABatch() throws Exception {
    Set<String> ids = send(10);
    List<Message> messages = take(10);
    // Four updates succeed, three succeed without an answer, and three never arrive.
    CountDownLatch answered = new CountDownLatch(4);
    CountDownLatch unanswered = new CountDownLatch(3);
    CountDownLatch held = new CountDownLatch(3);
    CountDownLatch never = new CountDownLatch(1);
    Fault answer =
        (call, engine) -> {
          var reply = engine.call();
          answered.countDown();
          return Optional.of(reply);
        };
    Fault effectOnly =
        (call, engine) -> {
          engine.call();
          unanswered.countDown();
          never.await();
          return Optional.empty();
        };
    dynamoDb.next("UpdateItem", answer, answer, answer, answer, effectOnly, effectOnly, effectOnly);
    dynamoDb.always(
        "UpdateItem",
        (call, engine) -> {
          held.countDown();
          never.await();
          return Optional.empty();
        });
    LogNotifications consumer = new LogNotifications(run.environment(CONSUMER), clock);
    Thread invocation =
        Thread.ofVirtual()
            .uncaughtExceptionHandler((thread, death) -> {})
            .start(() ->
                consumer.handleRequest(
                    new ByteArrayInputStream(Backend.batch(messages)),
                    OutputStream.nullOutputStream(),
                    context(Duration.ofSeconds(30))));
    assertThat(answered.await(10, TimeUnit.SECONDS)).isTrue();
    assertThat(unanswered.await(10, TimeUnit.SECONDS)).isTrue();
    assertThat(held.await(10, TimeUnit.SECONDS)).isTrue();

    // The process dies here, so nobody receives its remaining answers.
    consumer.close();
    invocation.interrupt();
    int callsOfTheDead = dynamoDb.calls().size();
    Map<String, Map<String, AttributeValue>> before = new HashMap<>();
    ids.forEach(id -> before.put(id, backend.row(id)));
    assertThat(before.values()).filteredOn(row -> row.containsKey("doneAt")).hasSize(7);
    dynamoDb.heal();
    clock.advance(Duration.ofMinutes(3));
    messages.forEach(message -> backend.release(QUEUE, message));
    List<Message> again = take(10);

    assertThat(again).hasSize(10).allMatch(message -> count(message) == 2);
    assertThat(backend.consume(again)).isEmpty();

    assertThat(dynamoDb.calls()).hasSize(callsOfTheDead + 10);
    for (String id : ids) {
      Map<String, AttributeValue> row = backend.row(id);
      assertThat(Backend.text(row, "status")).isEqualTo("done");
      if (before.getOrDefault(id, Map.of()).containsKey("doneAt")) {
        assertThat(row).isEqualTo(before.get(id));
      }
      assertThat(Backend.text(row, "attempts")).isEqualTo("1");
    }
  }

  // Implements only the methods of Lambda's context that the consumer uses.
  private static Context context(Duration left) {
    return (Context)
        Proxy.newProxyInstance(
            Context.class.getClassLoader(),
            new Class<?>[] {Context.class},
            (context, method, arguments) ->
                method.getName().equals("getRemainingTimeInMillis")
                    ? (Object) (int) left.toMillis()
                    : "killed");
  }

  private void storeAnswersAfter(int attempts, String id) {
    Fault[] faults = new Fault[attempts];
    Arrays.fill(faults, Fault.UNAVAILABLE);
    dynamoDb.next(update(id), faults);
  }

  private String send(String message) throws Exception {
    Answer accepted =
        api.send("POST", "/notifications", Api.JSON.writeValueAsString(Map.of("message", message)));
    assertThat(accepted.status()).as(accepted.toString()).isEqualTo(202);
    return accepted.text("id");
  }

  private Set<String> send(int count) throws Exception {
    Set<String> ids = ConcurrentHashMap.newKeySet();
    for (int i = 0; i < count; i++) {
      ids.add(send("message " + i));
    }
    return ids;
  }

  private List<Message> take(int count) {
    List<Message> messages = backend.take(QUEUE, count);
    assertThat(messages).hasSize(count);
    return messages;
  }

  private JsonNode get(String id) throws Exception {
    return api.get("/notifications/" + id).json();
  }

  private List<String> listed(String status) throws Exception {
    List<String> ids = new ArrayList<>();
    api.get("/notifications?limit=100&status=" + status)
        .json()
        .required("notifications")
        .forEach(row -> ids.add(row.required("id").asString()));
    return ids;
  }

  private Message assertDeadLetter(String body, String reason) {
    List<Message> letters = backend.take(DEAD_LETTERS, 10);
    assertThat(letters).hasSize(1);
    assertThat(letters.getFirst().body()).isEqualTo(body);
    assertThat(Backend.reason(letters.getFirst())).isEqualTo(reason);
    return letters.getFirst();
  }

  private List<JsonNode> changesOfVisibility() {
    return sqs.calls().stream()
        .filter(Call.of("ChangeMessageVisibility"))
        .map(call -> Api.JSON.readTree(call.body()))
        .toList();
  }

  /** Returns whether a call marks a notification as logged. */
  private static Predicate<Call> effect(String id) {
    return update(id).and(call -> call.body().contains("doneAt"));
  }

  private static Predicate<Call> update(String id) {
    return Call.of("UpdateItem").and(call -> call.body().contains("\"" + id + "\""));
  }

  /** Returns a message that is not in the queue. */
  private static Message message(String body, int delivery) {
    return delivered(
        Message.builder()
            .messageId(UUID.randomUUID().toString())
            .receiptHandle(UUID.randomUUID().toString())
            .body(body)
            .build(),
        delivery);
  }

  private static Message delivered(Message message, int delivery) {
    return message.toBuilder()
        .attributes(
            Map.of(MessageSystemAttributeName.APPROXIMATE_RECEIVE_COUNT, String.valueOf(delivery)))
        .build();
  }

  private static int count(Message message) {
    return Integer.parseInt(
        message
            .attributes()
            .getOrDefault(MessageSystemAttributeName.APPROXIMATE_RECEIVE_COUNT, "0"));
  }

  private static String idOf(Message message) {
    return Api.JSON.readTree(message.body()).required("id").asString();
  }

  private static Set<String> messageIds(List<Message> messages) {
    return messages.stream().map(Message::messageId).collect(Collectors.toSet());
  }
}

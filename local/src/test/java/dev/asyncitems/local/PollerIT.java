package dev.asyncitems.local;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.asyncitems.local.handlers.Worker;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import software.amazon.awssdk.core.SdkBytes;
import software.amazon.awssdk.services.sqs.SqsClient;
import software.amazon.awssdk.services.sqs.model.Message;
import software.amazon.awssdk.services.sqs.model.MessageAttributeValue;
import software.amazon.awssdk.services.sqs.model.QueueAttributeName;

class PollerIT {

  private static final Recording RECORDING = new Recording();
  private static final BlockingQueue<JsonNode> WORKER = Worker.batches("poller-Worker");
  private static final BlockingQueue<JsonNode> BLUNT = Worker.batches("poller-Blunt");

  private static LocalRun run;
  private static SqsClient sqs;

  @BeforeAll
  static void start() {
    run =
        LocalRun.of(Path.of("src/test/resources/small.yaml"))
            .withoutFront()
            .stackName("poller")
            .listener(RECORDING)
            .start();
    sqs = AwsClients.sqs(run.sqsEndpoint());
    run.pausePollers();
  }

  @AfterAll
  static void close() {
    sqs.close();
    run.close();
  }

  /** Empties the queues, with the pollers paused, for the next test. */
  @AfterEach
  void purge() {
    run.pausePollers();
    for (String queue : List.of("Jobs", "PlainJobs", "DeadJobs")) {
      sqs.purgeQueue(r -> r.queueUrl(run.queueUrl(queue)));
    }
    for (BlockingQueue<?> kept :
        List.of(WORKER, BLUNT, RECORDING.batches, RECORDING.failures, RECORDING.troubles)) {
      kept.clear();
    }
  }

  private void send(String queueId, String... bodies) {
    AwsClients.send(sqs, run.queueUrl(queueId), bodies);
  }

  @Test
  void passesMessagesWithAllFieldsOfLambda() throws Exception {
    sqs.sendMessage(r ->
        r.queueUrl(run.queueUrl("Jobs"))
            .messageBody("hello")
            .messageAttributes(
                Map.of(
                    "text",
                    MessageAttributeValue.builder().dataType("String").stringValue("t").build(),
                    "bytes",
                    MessageAttributeValue.builder()
                        .dataType("Binary")
                        .binaryValue(SdkBytes.fromUtf8String("b"))
                        .build())));
    run.resumePollers();
    JsonNode message = Recording.next(WORKER).path("Records").path(0);
    assertThat(message.path("messageId").asText()).hasSize(36);
    assertThat(message.path("receiptHandle").asText()).isNotEmpty();
    assertThat(message.path("body").asText()).isEqualTo("hello");
    assertThat(message.path("md5OfBody").asText()).isEqualTo("5d41402abc4b2a76b9719d911017c592");
    assertThat(message.path("eventSource").asText()).isEqualTo("aws:sqs");
    assertThat(message.path("eventSourceARN").asText())
        .isEqualTo(run.template().queue("Jobs").arn());
    assertThat(message.path("awsRegion").asText()).isEqualTo("us-east-1");
    assertThat(message.path("attributes").path("ApproximateReceiveCount").asText()).isEqualTo("1");
    assertThat(message.path("attributes").fieldNames())
        .toIterable()
        .contains("SentTimestamp", "SenderId", "ApproximateFirstReceiveTimestamp");
    assertThat(message.path("messageAttributes").path("text").path("stringValue").asText())
        .isEqualTo("t");
    assertThat(message.path("messageAttributes").path("text").path("dataType").asText())
        .isEqualTo("String");
    assertThat(message.path("messageAttributes").path("bytes").path("binaryValue").asText())
        .isEqualTo("Yg==");
    assertThat(Recording.next(RECORDING.batches)).isEqualTo("Jobs 1 messages, 0 failed");
  }

  @Test
  void failedMessagesAreRetriedAndThenDeadLettered() throws Exception {
    send("Jobs", "good", "fail");
    run.resumePollers();
    assertThat(Recording.next(RECORDING.batches)).isEqualTo("Jobs 2 messages, 1 failed");
    Recording.next(WORKER);
    JsonNode again = Recording.next(WORKER).path("Records");
    assertThat(again).hasSize(1);
    assertThat(again.path(0).path("body").asText()).isEqualTo("fail");
    assertThat(again.path(0).path("attributes").path("ApproximateReceiveCount").asText())
        .isEqualTo("2");
    List<Message> dead = List.of();
    // Asks again, because a long poll of ElasticMQ does not notice a message that is moved there.
    for (int i = 0; i < 20 && dead.isEmpty(); i++) {
      dead = AwsClients.receive(sqs, run.queueUrl("DeadJobs"), 1);
    }
    assertThat(dead).extracting(message -> message.body()).containsExactly("fail");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "throw",
        "answer:{\"batchItemFailures\":[{\"itemIdentifier\":\"unknown\"}]}",
      })
  void theWholeBatchIsRetried(String body) throws Exception {
    send("Jobs", "good", body);
    run.resumePollers();
    assertThat(Recording.next(RECORDING.batches)).isEqualTo("Jobs 2 messages, 2 failed");
    assertThat(Recording.next(RECORDING.failures)).isNotNull();
    Recording.next(WORKER);
    assertThat(Recording.next(WORKER).path("Records")).isNotEmpty();
  }

  /** A sender chooses the names of attributes. The SDK must still read the response. */
  @Test
  void collidingAttributeNamesBlockNoMessage() throws Exception {
    List<String> names = CollidingNames.with("Messages", 800);
    for (int i = 0; i < 80; i++) {
      Map<String, MessageAttributeValue> attributes = new HashMap<>();
      for (String name : names.subList(10 * i, 10 * i + 10)) {
        attributes.put(
            name, MessageAttributeValue.builder().dataType("String").stringValue("x").build());
      }
      sqs.sendMessage(
          r -> r.queueUrl(run.queueUrl("Jobs")).messageBody("odd").messageAttributes(attributes));
    }
    run.resumePollers();

    Set<String> received = new HashSet<>();
    while (received.size() < 80) {
      Recording.next(WORKER)
          .path("Records")
          .forEach(message -> {
            received.add(message.path("messageId").asText());
            assertThat(message.path("messageAttributes")).hasSize(10);
            assertThat(message.at("/attributes/ApproximateReceiveCount").asText()).isEqualTo("1");
          });
    }
    assertThat(RECORDING.troubles).isEmpty();
    assertThat(RECORDING.failures).isEmpty();
  }

  @Test
  void reportsEachFailedInvocationAndDeadLettersItsMessages() throws Exception {
    send("Jobs", "throw");
    run.resumePollers();
    for (int receive = 0; receive < 2; receive++) {
      assertThat(Recording.next(RECORDING.failures)).hasMessage("scripted to fail");
      assertThat(Recording.next(RECORDING.batches)).isEqualTo("Jobs 1 messages, 1 failed");
    }
    List<Message> dead = List.of();
    // Asks again, because a long poll of ElasticMQ does not notice a message that is moved there.
    for (int i = 0; i < 20 && dead.isEmpty(); i++) {
      dead = AwsClients.receive(sqs, run.queueUrl("DeadJobs"), 1);
    }
    assertThat(dead).extracting(message -> message.body()).containsExactly("throw");
  }

  @Test
  void aFailedReceiveKeepsTheGatheredMessages() throws Exception {
    try (LocalRun own =
            LocalRun.of(Path.of("src/test/resources/window.yaml"))
                .stackName("window")
                .listener(RECORDING)
                .start();
        SqsClient client = AwsClients.sqs(own.sqsEndpoint())) {
      String url = own.queueUrl("PatientJobs");
      AwsClients.send(client, url, "gathered");
      QueueAttributeName hidden = QueueAttributeName.APPROXIMATE_NUMBER_OF_MESSAGES_NOT_VISIBLE;
      String inFlight = "0";
      while (inFlight.equals("0")) {
        inFlight =
            client
                .getQueueAttributes(r -> r.queueUrl(url).attributeNames(hidden))
                .attributes()
                .getOrDefault(hidden, "0");
      }

      own.stopSqs();

      JsonNode batch = Recording.next(Worker.batches("window-Patient"));
      assertThat(batch.path("Records").path(0).path("body").asText()).isEqualTo("gathered");
      assertThat(Recording.next(RECORDING.troubles))
          .contains("Failed to receive from the queue PatientJobs");
    }
  }

  @Test
  void withoutReportBatchItemFailuresTheWholeBatchIsDeleted() throws Exception {
    send("PlainJobs", "good", "fail");
    run.resumePollers();
    assertThat(Recording.next(RECORDING.batches)).endsWith("messages, 0 failed");
  }

  @Test
  void aWindowGathersSeveralReceives() throws Exception {
    String[] bodies = new String[15];
    Arrays.fill(bodies, "x");
    send("PlainJobs", bodies);
    run.resumePollers();
    assertThat(Recording.next(BLUNT).path("Records")).hasSize(15);
  }

  @Test
  void batchesAreNoLargerThanTheirSize() throws Exception {
    send("Jobs", "1", "2", "3", "4", "5", "6", "7");
    run.resumePollers();
    assertThat(
            List.of(
                Recording.next(WORKER).path("Records").size(),
                Recording.next(WORKER).path("Records").size()))
        .containsExactly(5, 2);
  }

  @Test
  void continuesWhenTheQueueIsBack() throws Exception {
    run.resumePollers();
    run.stopSqs();
    assertThat(Recording.next(RECORDING.troubles))
        .contains("Failed to receive from the queue ", "Jobs: ");
    run.startSqs();
    send("Jobs", "after");
    assertThat(Recording.next(WORKER).path("Records").path(0).path("body").asText())
        .isEqualTo("after");
  }

  @Test
  void receivesNothingWhilePaused() throws Exception {
    send("Jobs", "later");
    assertThat(AwsClients.receive(sqs, run.queueUrl("Jobs"), 1)).hasSize(1);
    assertThat(WORKER).isEmpty();
    run.resumePollers();
    assertThat(Recording.next(WORKER).path("Records")).hasSize(1);
  }
}

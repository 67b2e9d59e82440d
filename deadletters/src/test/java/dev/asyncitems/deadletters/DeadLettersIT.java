package dev.asyncitems.deadletters;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.asyncitems.local.CollidingNames;
import dev.asyncitems.local.LocalRun;
import java.io.BufferedReader;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import software.amazon.awssdk.http.urlconnection.UrlConnectionHttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.dynamodb.DynamoDbClient;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;
import software.amazon.awssdk.services.sqs.SqsClient;
import software.amazon.awssdk.services.sqs.model.MessageAttributeValue;
import software.amazon.awssdk.services.sqs.model.MessageSystemAttributeName;
import software.amazon.awssdk.services.sqs.model.MessageSystemAttributeValue;
import software.amazon.awssdk.services.sqs.model.QueueAttributeName;
import software.amazon.awssdk.services.sqs.model.SqsException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** The command against the whole system of the template. */
final class DeadLettersIT {
  private static final String FAILED = "The command failed: ";
  private static final JsonMapper JSON = new JsonMapper();

  private static LocalRun run;
  private static SqsClient sqs;
  private static DynamoDbClient dynamoDb;
  private static String deadLetters;
  private static String queue;
  private static String table;

  /** The exit code and output of a command. */
  private record Outcome(int code, String out, String err) {}

  @BeforeAll
  static void start() {
    System.setProperty("aws.accessKeyId", "local");
    System.setProperty("aws.secretAccessKey", "local");
    run = LocalRun.of(Path.of(System.getProperty("template"))).parameter("Access", "open").start();
    sqs =
        SqsClient.builder()
            .endpointOverride(run.sqsEndpoint())
            .region(Region.EU_WEST_1)
            .httpClient(UrlConnectionHttpClient.create())
            .build();
    dynamoDb =
        DynamoDbClient.builder()
            .endpointOverride(run.dynamoDbEndpoint())
            .region(Region.EU_WEST_1)
            .httpClient(UrlConnectionHttpClient.create())
            .build();
    deadLetters = run.queueUrl("NotificationDeadLetterQueue");
    queue = run.queueUrl("NotificationQueue");
    table = run.tableName("Notifications");
  }

  @AfterAll
  static void stop() {
    sqs.close();
    dynamoDb.close();
    run.close();
    System.clearProperty("aws.accessKeyId");
    System.clearProperty("aws.secretAccessKey");
  }

  @BeforeEach
  void empty() {
    sqs.purgeQueue(r -> r.queueUrl(queue));
    sqs.purgeQueue(r -> r.queueUrl(deadLetters));
    run.resumePollers();
  }

  @Test
  void listShowsReasonsAttemptsAndOutlooksAndChangesNothing() {
    String failed = row("failed", "the store was unavailable at the last of 8 attempts", 8);
    String logged = row("done", "", 1);
    String deleted = tombstone();
    String unknown = UUID.randomUUID().toString();
    put(message(failed), Optional.empty());
    put(message(logged.toUpperCase(Locale.ROOT)), Optional.empty());
    put(message(deleted), Optional.empty());
    put(message(unknown), Optional.of("no row has the message's id"));
    put("{\"idd\": \u009b", Optional.of("the message is malformed"));

    Outcome list = command("list");

    assertThat(list.err()).isEmpty();
    assertThat(list.code()).isZero();
    assertThat(list.out().lines().toList())
        .hasSize(7)
        .anyMatch(line ->
            line.matches(
                failed
                    + " +[0-9]+s +8  completes it +the store was unavailable at the last of 8"
                    + " attempts"))
        .anyMatch(line -> line.matches(logged + " +[0-9]+s +1  no effect, it is done .*"))
        .anyMatch(line ->
            line.matches(deleted + " +[0-9]+s +0  no effect, deleted +it has been deleted since"))
        .anyMatch(
            line -> line.matches(unknown + " +[0-9]+s +-  comes back +no row has the message's id"))
        .anyMatch(line ->
            line.matches("- +[0-9]+s +-  comes back +the message is malformed: \\{\"idd\": \\?"))
        .last()
        .isEqualTo(
            "5 tasks; a replay: 1 completes it, 1 no effect, it is done, 1 no effect, deleted,"
                + " 2 comes back");
    assertThat(visible(deadLetters)).isEqualTo(5);
  }

  @Test
  void failedRowsWithoutADeadLetterAreListedAndReplayed() throws Exception {
    run.pausePollers();
    String withLetter = failedRow("2026-11-22T10:00:00.000Z", 1);
    put(message(withLetter), Optional.empty());
    String without = failedRow("2026-11-22T10:00:01.000Z", 0);
    String other = failedRow("2026-11-22T10:00:02.000Z", 7);
    failedRow(Instant.now().truncatedTo(ChronoUnit.MILLIS).plusMillis(1).toString(), 0);

    assertThat(command("list").out().lines().toList())
        .hasSize(5)
        .anyMatch(line -> line.matches(withLetter + " .* completes it +because"))
        .anyMatch(line -> line.matches(without + " .* completes it +because \\(no dead letter\\)"))
        .last()
        .isEqualTo("3 tasks; a replay: 3 completes it");
    assertThat(command("discard", "--id", without).out()).contains("No dead-lettered task matches");
    assertThat(command("replay", "--id", without, "--id", other, "--yes").out())
        .contains("Replayed: 2");
    assertThat(visible(queue)).isEqualTo(2);
    assertThat(command("replay", "--yes").out())
        .as("the messages of the others are on the way")
        .contains(withLetter)
        .doesNotContain(without, other);

    run.resumePollers();
    for (String id : List.of(withLetter, without, other)) {
      await()
          .atMost(Duration.ofSeconds(20))
          .until(() -> get("/notifications/" + id).contains("\"status\":\"logged\""));
    }
    assertThat(command("list").out()).doesNotContain(withLetter, without, other);
  }

  private static String failedRow(String time, int shard) {
    String id = row("failed", "because", 8);
    Map<String, AttributeValue> row =
        new HashMap<>(
            dynamoDb
                .getItem(r -> r.tableName(table).key(Map.of("id", AttributeValue.fromS(id))))
                .item());
    row.put("outbox", AttributeValue.fromS("failed#" + shard));
    row.put("nextDispatchAt", AttributeValue.fromS(time + "#" + id));
    dynamoDb.putItem(r -> r.tableName(table).item(row));
    return id;
  }

  @Test
  void jsonListHasAllFields() {
    String id = row("failed", "because", 3);
    put(message(id), Optional.empty());

    JsonNode letter = JSON.readTree(command("list", "--json").out());

    assertThat(letter.path("id").asString()).isEqualTo(id);
    assertThat(letter.path("reason").asString()).isEqualTo("because");
    assertThat(letter.path("attempts").asInt()).isEqualTo(3);
    assertThat(letter.path("status").asString()).isEqualTo("failed");
    assertThat(letter.path("replay").asString()).isEqualTo("completes it");
    assertThat(letter.path("body").asString()).isEqualTo(message(id));
    assertThat(letter.path("messageId").asString()).isNotEmpty();
    assertThat(Duration.between(Instant.parse(letter.path("sentAt").asString()), Instant.now()))
        .isLessThan(Duration.ofMinutes(5));
  }

  @Test
  void listReportsAnEmptyQueue() {
    assertThat(command("list").out()).isEqualToIgnoringNewLines("No dead-lettered task matches.");
  }

  @Test
  void listShowsEachMessageOnce() {
    List<String> ids = new ArrayList<>();
    for (int i = 0; i < 60; i++) {
      ids.add(row("failed", "because", 1));
      put(message(ids.get(i)), Optional.empty());
    }

    List<String> listed =
        command("list").out().lines().skip(1).limit(60).map(line -> line.substring(0, 36)).toList();

    assertThat(listed).containsExactlyInAnyOrderElementsOf(ids);
    assertThat(visible(deadLetters)).isEqualTo(60);
  }

  @Test
  void replayMovesOnlyMessagesThatCanSucceed() throws Exception {
    String failed = row("failed", "because", 8);
    put(message(failed), Optional.empty());
    put("nonsense", Optional.of("the message is malformed"));

    Outcome replay = command("replay", "--yes");

    assertThat(replay.err()).isEmpty();
    assertThat(replay.out()).contains("Not sent, because they would come back: 1.");
    assertThat(replay.out().lines()).last().isEqualTo("Replayed: 1");
    await()
        .atMost(Duration.ofSeconds(10))
        .untilAsserted(() ->
            assertThat(get("/notifications/" + failed))
                .contains("\"status\":\"logged\"")
                .doesNotContain("failure"));
    assertThat(visible(deadLetters)).isOne();
    assertThat(command("list").out()).doesNotContain(failed);
  }

  @Test
  void replayWithoutYesChangesNothing() {
    run.pausePollers();
    String id = row("failed", "because", 8);
    put(message(id), Optional.empty());

    Outcome replay = command("replay");

    assertThat(replay.code()).isZero();
    assertThat(replay.out()).contains(id, "completes it");
    assertThat(replay.out().lines()).last().isEqualTo("Nothing was changed. Add --yes to do it.");
    assertThat(visible(deadLetters)).isOne();
    assertThat(visible(queue)).isZero();
  }

  @Test
  void aMessageStaysUntilTheOtherQueueAcceptsIt() {
    put(message(row("failed", "because", 8)), Optional.empty());

    Outcome replay = command("replay", "--yes", "--to", queue + "-of-nobody");

    assertThat(replay.code()).isOne();
    assertThat(replay.err()).startsWith(FAILED).hasLineCount(1);
    assertThat(visible(deadLetters)).isOne();
  }

  @Test
  void replayKeepsTheMessageButNotItsReason() {
    run.pausePollers();
    String trace = "Root=1-5759e988-bd862e3fe1be46a994272793;Sampled=0";
    sqs.sendMessage(r ->
        r.queueUrl(deadLetters)
            .messageBody(message(UUID.randomUUID().toString()))
            .messageAttributes(
                Map.of("reason", text("no row has the message's id"), "requestId", text("r")))
            .messageSystemAttributesWithStrings(
                Map.of(
                    "AWSTraceHeader",
                    MessageSystemAttributeValue.builder()
                        .dataType("String")
                        .stringValue(trace)
                        .build())));

    assertThat(command("replay", "--yes", "--force", "--rate", "1").code()).isZero();

    var sent =
        sqs.receiveMessage(r ->
                r.queueUrl(queue)
                    .messageAttributeNames("All")
                    .messageSystemAttributeNames(MessageSystemAttributeName.ALL)
                    .waitTimeSeconds(2))
            .messages();
    assertThat(sent).hasSize(1);
    assertThat(sent.getFirst().messageAttributes()).isEqualTo(Map.of("requestId", text("r")));
    assertThat(sent.getFirst().attributes())
        .containsEntry(MessageSystemAttributeName.AWS_TRACE_HEADER, trace);
    assertThat(visible(deadLetters)).isZero();
    sqs.deleteMessage(r -> r.queueUrl(queue).receiptHandle(sent.getFirst().receiptHandle()));
  }

  @Test
  void aMessageThatComesBackIsNotReplayedAgain() {
    put("nonsense", Optional.of("the message is malformed"));

    Outcome replay = command("replay", "--yes", "--force");

    assertThat(replay.out().lines()).last().isEqualTo("Replayed: 1");
    await().until(() -> visible(deadLetters) == 1);
  }

  /**
   * Checks that the command and the consumer agree on every body. Replayed messages are processed.
   * Messages that the command skips are dead-lettered again if it is forced to send them.
   */
  @Test
  @Timeout(value = 180, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
  void replayEndsForEveryBodyAndSendsEachOnce() {
    List<String> ids = new ArrayList<>();
    // half of the notifications do not exist
    List<String> bodies =
        new GeneratedBodies(
                18,
                () -> {
                  ids.add(
                      ids.size() % 2 == 0
                          ? row("failed", "because", 8)
                          : UUID.randomUUID().toString());
                  return ids.getLast();
                })
            .each(8);
    // If equal messages have just arrived, a replay may leave some for the next run.
    assertThat(Set.copyOf(bodies).size()).isEqualTo(bodies.size());
    int taken = 0;
    for (String body : bodies) {
      taken += puts(body) ? 1 : 0;
    }
    assertThat(taken).isGreaterThanOrEqualTo(200);
    Map<String, JsonNode> before = listed();
    assertThat(before).hasSize(taken);

    Outcome replay = command("replay", "--yes", "--rate", "1000");

    assertThat(replay.code()).isZero();
    awaitTheConsumer();
    Map<String, JsonNode> after = listed();
    assertThat(before).as("nothing came back").containsAllEntriesOf(after);
    assertThat(after.values())
        .extracting(letter -> letter.path("replay").asString())
        .containsOnly("comes back");
    assertThat(after.values())
        .extracting(letter -> letter.path("reason").asString())
        .containsOnly("the message is malformed", "no row has the message's id");
    assertThat(after.size()).isBetween(taken / 2, taken - 20);
    assertThat(replay.out().lines()).last().isEqualTo("Replayed: " + (taken - after.size()));
    assertThat(replay.out())
        .contains("Not sent, because they would come back: " + after.size() + ".");

    Outcome forced = command("replay", "--yes", "--force", "--rate", "1000");

    assertThat(forced.code()).isZero();
    assertThat(forced.out().lines()).last().isEqualTo("Replayed: " + after.size());
    awaitTheConsumer();
    Map<String, JsonNode> back = listed();
    assertThat(back).doesNotContainKeys(after.keySet().toArray(String[]::new));
    assertThat(reasons(back)).isEqualTo(reasons(after));
    // A consumer that sends a large letter slowly may send it twice.
    assertThat(small(back)).hasSameSizeAs(small(after));
  }

  private static Set<List<String>> reasons(Map<String, JsonNode> letters) {
    return letters.values().stream()
        .map(letter -> List.of(letter.path("reason").asString(), letter.path("body").asString()))
        .collect(Collectors.toSet());
  }

  private static List<JsonNode> small(Map<String, JsonNode> letters) {
    return letters.values().stream()
        .filter(letter -> letter.path("body").asString().length() < 100_000)
        .toList();
  }

  private static Map<String, JsonNode> listed() {
    Map<String, JsonNode> letters = new HashMap<>();
    command("list", "--json")
        .out()
        .lines()
        .map(JSON::readTree)
        .forEach(letter -> {
          ((ObjectNode) letter).remove("sentAt");
          assertThat(letters.put(letter.path("messageId").asString(), letter)).isNull();
        });
    return letters;
  }

  private static void awaitTheConsumer() {
    await().atMost(Duration.ofSeconds(60)).until(() -> visible(queue) + inFlight(queue) == 0);
  }

  /** Sends a body to the dead-letter queue. Returns whether SQS accepted it. */
  private static boolean puts(String body) {
    try {
      put(body, Optional.empty());
      return true;
    } catch (SqsException e) {
      return false;
    }
  }

  @Test
  void collidingMemberNamesHarmNoMessage() {
    String id = row("failed", "because", 8);
    for (String names :
        List.of(GeneratedBodies.collidingWithId(), GeneratedBodies.colliding(), "")) {
      put("{" + names + "\"id\":\"" + id + "\"}", Optional.empty());
      assertThat(command("list", "--id", id).out()).contains(id).doesNotContain("comes back");
    }
    assertThat(command("replay", "--yes").out().lines()).last().isEqualTo("Replayed: 3");
    awaitTheConsumer();
    assertThat(visible(deadLetters)).isZero();
  }

  @Test
  void collidingAttributeNamesHideNoMessage() throws Exception {
    List<String> names = CollidingNames.with("Messages", 800);
    Set<String> bodies = new HashSet<>();
    for (int i = 0; i < 80; i++) {
      String body = "nonsense " + i;
      bodies.add(body);
      Map<String, MessageAttributeValue> attributes = new HashMap<>();
      names.subList(10 * i, 10 * i + 10).forEach(name -> attributes.put(name, text("x")));
      sqs.sendMessage(r -> r.queueUrl(deadLetters).messageBody(body).messageAttributes(attributes));
    }

    // The local run has changed the SDK of this JVM, so the command needs another process.
    Process process = process("list", "--json").redirectErrorStream(true).start();
    List<String> out;
    try (BufferedReader reader = process.inputReader()) {
      out = reader.lines().toList();
    }

    assertThat(process.waitFor()).as("%s", out).isZero();
    assertThat(out)
        .allMatch(line -> line.startsWith("{"))
        .extracting(line -> JSON.readTree(line).path("body").asString())
        .containsExactlyInAnyOrderElementsOf(bodies);
    assertThat(inFlight(deadLetters)).isZero();
    assertThat(visible(deadLetters)).isEqualTo(80);
  }

  @Test
  void listToleratesMalformedRows() {
    String id = UUID.randomUUID().toString();
    dynamoDb.putItem(r ->
        r.tableName(table)
            .item(
                Map.of(
                    "id", AttributeValue.fromS(id),
                    "shard", AttributeValue.fromN("0"),
                    "status", AttributeValue.fromN("7"),
                    "attempts", AttributeValue.fromN("1.5"),
                    "failure", AttributeValue.fromBool(true))));
    put(message(id), Optional.of("because"));

    Outcome list = command("list");

    assertThat(list.err()).isEmpty();
    assertThat(list.out()).contains(id).contains("because");
  }

  @Test
  void anInterruptedCommandReleasesMessagesAndReportsItsProgress() throws Exception {
    run.pausePollers();
    for (int i = 0; i < 12; i++) {
      put("nonsense " + i, Optional.empty());
    }
    Process process =
        process("replay", "--yes", "--force", "--rate", "1")
            .redirectError(ProcessBuilder.Redirect.DISCARD)
            .start();
    List<String> out = new ArrayList<>();
    try (BufferedReader reader = process.inputReader()) {
      String printed = reader.readLine();
      while (printed != null) {
        out.add(printed);
        if (printed.contains("nonsense")) {
          process.toHandle().destroy(); // SIGTERM, in place of Ctrl-C
        }
        printed = reader.readLine();
      }
    }

    assertThat(process.waitFor()).isEqualTo(143);
    int sent = Integer.parseInt(out.getLast().replace("Replayed: ", ""));
    assertThat(sent).isBetween(1, 11);
    assertThat(visible(queue)).isEqualTo(sent);
    assertThat(visible(deadLetters)).isEqualTo(12 - sent);
    assertThat(inFlight(deadLetters)).isZero();
  }

  @Test
  void replaysAllMessagesWithEqualBodies() {
    String id = row("failed", "because", 8);
    put(message(id), Optional.empty());
    put(message(id), Optional.empty());

    assertThat(command("replay", "--yes").out().lines()).last().isEqualTo("Replayed: 2");
    await().untilAsserted(() -> assertThat(visible(deadLetters)).isZero());
  }

  @Test
  void reportsMessagesThatOthersHide() {
    put("nonsense", Optional.of("the message is malformed"));
    var hidden =
        sqs.receiveMessage(r -> r.queueUrl(deadLetters).visibilityTimeout(60).waitTimeSeconds(2))
            .messages();
    assertThat(hidden).hasSize(1);

    assertThat(command("list").err()).startsWith("Hidden, because another receiver has them: 1.");
  }

  @Test
  void rejectsAQueueWithoutSources() {
    run.pausePollers();
    sqs.sendMessage(r -> r.queueUrl(queue).messageBody("nonsense"));

    for (List<String> command :
        List.of(
            List.of("list"),
            List.of("replay"),
            List.of("replay", "--to", deadLetters),
            List.of("discard"))) {
      List<String> line = new ArrayList<>(command);
      if (!command.contains("list")) {
        line.add("--yes");
      }
      line.addAll(
          List.of(
              "--queue-url",
              queue,
              "--table",
              table,
              "--region",
              "us-east-1",
              "--endpoint-url",
              run.sqsEndpoint().toString(),
              "--dynamodb-endpoint-url",
              run.dynamoDbEndpoint().toString()));
      Outcome outcome = plain(line.toArray(String[]::new));
      assertThat(outcome.code()).isOne();
      assertThat(outcome.err()).hasLineCount(1).contains("is it the dead-letter queue?");
    }
    assertThat(visible(queue)).isOne();
  }

  @Test
  void onlyReplayNeedsATargetIfThereAreSeveralSources() {
    String arn =
        sqs.getQueueAttributes(
                r -> r.queueUrl(deadLetters).attributeNames(QueueAttributeName.QUEUE_ARN))
            .attributes()
            .get(QueueAttributeName.QUEUE_ARN);
    String other =
        sqs.createQueue(r ->
                r.queueName("other")
                    .attributes(
                        Map.of(
                            QueueAttributeName.REDRIVE_POLICY,
                            "{\"deadLetterTargetArn\":\"" + arn + "\",\"maxReceiveCount\":8}")))
            .queueUrl();
    try {
      put(message(row("failed", "because", 8)), Optional.empty());

      Outcome outcome = command("replay", "--yes");
      assertThat(outcome.code()).isOne();
      assertThat(outcome.err()).hasLineCount(1).contains("name one of them with --to");
      assertThat(visible(deadLetters)).isOne();

      assertThat(command("replay", "--yes", "--to", other).out()).contains("Replayed: 1");
      assertThat(visible(other)).isOne();

      put("nonsense", Optional.empty());
      assertThat(command("discard", "--yes").out()).contains("Discarded: 1");
    } finally {
      sqs.deleteQueue(r -> r.queueUrl(other));
    }
  }

  @Test
  void combinesFilters() {
    String one = row("failed", "the store was unavailable", 8);
    String other = row("failed", "the time ran out", 8);
    put(message(one), Optional.empty());
    put(message(other), Optional.empty());

    assertThat(command("list", "--id", one).out()).contains(one).doesNotContain(other);
    assertThat(command("list", "--reason", "TIME ran").out()).contains(other).doesNotContain(one);
    assertThat(command("list", "--id", one, "--reason", "time ran").out())
        .isEqualToIgnoringNewLines("No dead-lettered task matches.");
    assertThat(command("list", "--older-than", "1h").out()).doesNotContain(one, other);
    assertThat(command("list", "--younger-than", "1h").out()).contains(one, other);
    assertThat(command("list", "--limit", "1").out()).contains("1 task;");
    assertThat(visible(deadLetters)).isEqualTo(2);
  }

  @Test
  void discardDeletesOnlyMatchingMessages() {
    put("nonsense", Optional.of("the message is malformed"));
    String kept = row("failed", "because", 8);
    put(message(kept), Optional.empty());

    assertThat(command("discard", "--reason", "malformed").out()).contains("Nothing was changed.");
    assertThat(visible(deadLetters)).isEqualTo(2);
    assertThat(command("discard", "--reason", "malformed", "--yes").out()).contains("Discarded: 1");
    assertThat(visible(deadLetters)).isOne();
    assertThat(command("list").out()).contains(kept);
  }

  @Test
  void reportsAWrongCommandLine() {
    Outcome unknown = command("list", "--colour");
    assertThat(unknown.code()).isEqualTo(2);
    assertThat(unknown.err()).hasLineCount(1).contains("--colour", "See --help.");
    Outcome missing = plain("list");
    assertThat(missing.code()).isEqualTo(2);
    assertThat(missing.err()).hasLineCount(1).contains("--queue-url", "--table");
    Outcome age = command("list", "--older-than", "soon");
    assertThat(age.code()).isEqualTo(2);
    assertThat(age.err()).hasLineCount(1).contains("must be a number and s, m, h or d");
    for (List<String> wrong :
        List.of(
            List.of("replay", "--rate", "0"),
            List.of("replay", "--to", deadLetters),
            List.of("list", "--limit", "0"),
            List.of("list", "--wait", "21"),
            List.of("list", "--id", "nonsense"),
            List.of("list", "--region", ""),
            List.of("list", "--endpoint-url", "localhost:1"),
            List.of("list", "--endpoint-url", "foo"))) {
      List<String> line = new ArrayList<>(wrong);
      line.addAll(List.of("--queue-url", deadLetters, "--table", table));
      Outcome outcome = plain(line.toArray(String[]::new));
      assertThat(outcome.code()).as("%s", wrong).isEqualTo(2);
      assertThat(outcome.err()).as("%s", wrong).hasLineCount(1).endsWith("See --help.\n");
    }
    assertThat(plain().out()).contains("list", "replay", "discard");
  }

  @Test
  void reportsAMissingQueue() {
    Map<String, String> wrong =
        Map.of(
            "http://127.0.0.1:1",
            FAILED, // nothing listens there
            run.sqsEndpoint().toString(),
            "No queue sends its dead letters to this queue");
    wrong.forEach((endpoint, sentence) -> {
      Outcome list =
          plain(
              "list",
              "--queue-url",
              deadLetters + "-of-nobody",
              "--table",
              table,
              "--region",
              "eu-west-1",
              "--endpoint-url",
              endpoint);
      assertThat(list.code()).isOne();
      assertThat(list.err()).startsWith(sentence).hasLineCount(1);
    });
  }

  private static Outcome command(String... arguments) {
    return plain(arguments(arguments).toArray(String[]::new));
  }

  /** Prepares the command in its own JVM. */
  private static ProcessBuilder process(String... arguments) {
    List<String> line =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Daws.accessKeyId=local",
                "-Daws.secretAccessKey=local",
                "-cp",
                System.getProperty("java.class.path"),
                Main.class.getName()));
    line.addAll(arguments(arguments));
    return new ProcessBuilder(line);
  }

  private static List<String> arguments(String... arguments) {
    List<String> all = new ArrayList<>(List.of(arguments));
    all.addAll(
        List.of(
            "--queue-url",
            deadLetters,
            "--table",
            table,
            "--region",
            "eu-west-1",
            "--endpoint-url",
            run.sqsEndpoint().toString(),
            "--dynamodb-endpoint-url",
            run.dynamoDbEndpoint().toString(),
            "--wait",
            "0"));
    return all;
  }

  private static Outcome plain(String... arguments) {
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    int code = Main.run(new PrintWriter(out, true), new PrintWriter(err, true), arguments);
    return new Outcome(code, out.toString(), err.toString());
  }

  /** Stores a notification with this status, with all attributes that the consumer needs. */
  private static String row(String status, String failure, int attempts) {
    String id = UUID.randomUUID().toString();
    Map<String, AttributeValue> row = new HashMap<>();
    row.put("id", AttributeValue.fromS(id));
    row.put("shard", AttributeValue.fromN("0"));
    row.put("message", AttributeValue.fromS("hello"));
    row.put("status", AttributeValue.fromS(status));
    row.put("attempts", AttributeValue.fromN(String.valueOf(attempts)));
    row.put("createdAt", AttributeValue.fromS("2026-11-22T10:00:00.000Z"));
    if (!failure.isEmpty()) {
      row.put("failure", AttributeValue.fromS(failure));
    }
    dynamoDb.putItem(r -> r.tableName(table).item(row));
    return id;
  }

  private static String tombstone() {
    String id = UUID.randomUUID().toString();
    Map<String, AttributeValue> row =
        Map.of(
            "id", AttributeValue.fromS(id),
            "status", AttributeValue.fromS("done"),
            "deletedAt", AttributeValue.fromS("2026-11-22T10:00:00.000Z"));
    dynamoDb.putItem(r -> r.tableName(table).item(row));
    return id;
  }

  private static String message(String id) {
    return "{\"id\":\"" + id + "\"}";
  }

  private static void put(String body, Optional<String> reason) {
    Map<String, MessageAttributeValue> attributes = new HashMap<>();
    reason.ifPresent(text -> attributes.put("reason", text(text)));
    sqs.sendMessage(r -> r.queueUrl(deadLetters).messageBody(body).messageAttributes(attributes));
  }

  private static MessageAttributeValue text(String text) {
    return MessageAttributeValue.builder().dataType("String").stringValue(text).build();
  }

  private static int visible(String url) {
    return number(url, QueueAttributeName.APPROXIMATE_NUMBER_OF_MESSAGES);
  }

  private static int inFlight(String url) {
    return number(url, QueueAttributeName.APPROXIMATE_NUMBER_OF_MESSAGES_NOT_VISIBLE);
  }

  private static int number(String url, QueueAttributeName name) {
    return Integer.parseInt(
        sqs.getQueueAttributes(r -> r.queueUrl(url).attributeNames(name)).attributes().get(name));
  }

  private static String get(String path) throws Exception {
    try (HttpClient http = HttpClient.newHttpClient()) {
      return http.send(
              HttpRequest.newBuilder(URI.create(run.uri() + path)).build(),
              HttpResponse.BodyHandlers.ofString())
          .body();
    }
  }
}

package dev.asyncitems.local;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Predicate;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import software.amazon.awssdk.services.dynamodb.DynamoDbClient;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;
import software.amazon.awssdk.services.sqs.SqsClient;
import software.amazon.awssdk.services.sqs.model.MessageAttributeValue;
import software.amazon.awssdk.services.sqs.model.MessageSystemAttributeName;
import software.amazon.awssdk.services.sqs.model.MessageSystemAttributeNameForSends;
import software.amazon.awssdk.services.sqs.model.MessageSystemAttributeValue;

/** The page's HTTP interface, for the page's script and for other clients. */
class PageIT {

  private static final Path SMALL = Path.of("src/test/resources/small.yaml");
  private static final JsonMapper JSON = new JsonMapper();

  private static final Recording RECORDING = new Recording();

  private static LocalRun run;
  private static SqsClient sqs;
  private static HttpClient http;

  @TempDir Path folder;

  @BeforeAll
  static void start() {
    run = LocalRun.of(SMALL).withoutPollers().stackName("page").page().listener(RECORDING).start();
    sqs = AwsClients.sqs(run.sqsEndpoint());
    http = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
  }

  @AfterAll
  static void close() {
    http.close();
    sqs.close();
    run.close();
  }

  @AfterEach
  void purge() throws Exception {
    RECORDING.failures.clear();
    for (String queue : List.of("Jobs", "DeadJobs")) {
      assertThat(act("queues/" + queue + "/purge").statusCode()).isEqualTo(200);
    }
  }

  private static HttpRequest.Builder request(String path) {
    return HttpRequest.newBuilder(run.uri().resolve(path));
  }

  private static HttpResponse<String> get(String path) throws Exception {
    return http.send(request(path).build(), BodyHandlers.ofString());
  }

  private static JsonNode json(String path) throws Exception {
    HttpResponse<String> answer = get("/_local/" + path);
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
    return JSON.readTree(answer.body());
  }

  private static HttpResponse<String> act(String path) throws Exception {
    return http.send(
        request("/_local/" + path)
            .header("X-Local-Page", "yes")
            .POST(BodyPublishers.noBody())
            .build(),
        BodyHandlers.ofString());
  }

  private static int scripted(String script) throws Exception {
    return http.send(
            request("/scripted")
                .header("Content-Type", "text/plain")
                .POST(BodyPublishers.ofString(script))
                .build(),
            BodyHandlers.discarding())
        .statusCode();
  }

  /** Returns the newest invocation of a function. */
  private static JsonNode last(String functionId) throws Exception {
    return json("functions/" + functionId).path("list").path(0);
  }

  private static String raw(String request) throws IOException {
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), run.uri().getPort())) {
      socket.setSoTimeout(10_000);
      socket.getOutputStream().write(request.replace("\n", "\r\n").getBytes(UTF_8));
      return new String(socket.getInputStream().readAllBytes(), UTF_8);
    }
  }

  @Test
  void servesItsFilesUnderAStrictPolicy() throws Exception {
    assertThat(run.pageUri()).contains(run.uri().resolve("/_local/"));
    for (String file : List.of("", "page.css", "page.js", "icon.svg")) {
      HttpResponse<String> answer = get("/_local/" + file);
      assertThat(answer.statusCode()).as(file).isEqualTo(200);
      assertThat(answer.headers().firstValue("content-security-policy"))
          .hasValueSatisfying(policy ->
              assertThat(policy)
                  .startsWith("default-src 'none';")
                  .contains("script-src 'self'", "frame-ancestors 'none'")
                  .doesNotContain("unsafe", "http"));
      assertThat(answer.headers().firstValue("x-content-type-options")).contains("nosniff");
      assertThat(answer.body()).doesNotContain("innerHTML", "//cdn", "https:");
    }
    assertThat(get("/_local").headers().firstValue("location")).contains("/_local/");
    assertThat(get("/_local").statusCode()).isEqualTo(308);
    for (String nothing : List.of("none", "functions/None", "queues/None", "events/x", "..")) {
      assertThat(
              raw(
                  "GET /_local/%s HTTP/1.1\nHost: localhost\nConnection: close\n\n"
                      .formatted(nothing)))
          .as(nothing)
          .startsWith("HTTP/1.1 404");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"0", "-1", "1.5", "nonsense", "123456"})
  void rejectsAnUnknownPage(String page) throws Exception {
    HttpResponse<String> answer = get("/_local/tables/Things?page=" + page);

    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(400);
    assertThat(answer.body()).startsWith("The parameter page is not a page");
    assertThat(RECORDING.failures).isEmpty();
  }

  @Test
  void rejectsAMalformedQuery() throws Exception {
    String rest = "HTTP/1.1\nHost: localhost\nConnection: close\n\n";
    assertThat(raw("GET /_local/functions/Echo?v=%zz " + rest))
        .startsWith("HTTP/1.1 400")
        .endsWith("The value of the parameter v is not percent-encoded correctly.");
    assertThat(RECORDING.failures).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"Records", "headers", "rawPath"})
  void collidingNamesHarmNeitherThePageNorTheNextRequest(String name) throws Exception {
    List<String> names = CollidingNames.with(name, CollidingNames.MANY);
    HttpResponse<String> odd = get("/echo/odd?" + String.join("&", names));
    assertThat(odd.statusCode()).as(odd.body()).isEqualTo(200);
    assertThat(scripted(new String(CollidingNames.object(names), UTF_8))).isEqualTo(200);
    AwsClients.send(sqs, run.queueUrl("DeadJobs"), new String(CollidingNames.object(names), UTF_8));
    assertThat(json("queues/DeadJobs").path("messages")).hasSize(1);

    assertThat(get("/echo/next?" + name + "=1").statusCode()).isEqualTo(200);
    assertThat(last("Echo").path("trigger").asText()).isEqualTo("GET /echo/next?" + name + "=1");
    assertThat(RECORDING.failures).isEmpty();
  }

  @Test
  void leavesOtherPathsToTheRoutesAndNeedsNoToken() throws Exception {
    assertThat(get("/things/_local").statusCode()).isEqualTo(200);
    assertThat(get("/_locally").body()).contains("Not Found");
    assertThat(get("/private/1").statusCode()).isEqualTo(401);
  }

  @Test
  void routesOfTheTemplateReplaceThePage() throws Exception {
    Path file = folder.resolve("own.yaml");
    Files.writeString(
        file,
        """
        Resources:
          Own:
            Type: AWS::Serverless::Function
            Properties:
              Handler: dev.asyncitems.local.handlers.Echo
              Events:
                Get: {Type: HttpApi, Properties: {Path: /_local/things, Method: GET}}
        """);
    Recording recording = new Recording();
    try (LocalRun own = LocalRun.of(file).page().listener(recording).start()) {
      assertThat(own.pageUri()).isEmpty();
      assertThat(Recording.next(recording.troubles)).contains("routes under /_local/");
      HttpRequest get = HttpRequest.newBuilder(own.uri().resolve("/_local/things")).build();
      assertThat(http.send(get, BodyHandlers.ofString()).body()).contains("\"event\"");
    }
  }

  @Test
  void theLinkToTheDocumentationHasTheRunsBasePath() throws Exception {
    Path file = folder.resolve("docs.yaml");
    Files.writeString(
        file,
        """
        Resources:
          Docs:
            Type: AWS::Serverless::Function
            Properties:
              Handler: dev.asyncitems.local.handlers.Echo
              Events:
                Get: {Type: HttpApi, Properties: {Path: /docs, Method: GET}}
        """);
    try (LocalRun own = LocalRun.of(file).basePath("/v1").page().start();
        Stream stream = new Stream(own.uri())) {
      assertThat(stream.await(overview -> true).path("docs").asText()).isEqualTo("/v1/docs");
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "GET /_local/ HTTP/1.1|Host: rebound.example:3000",
        "GET /_local/functions/Echo HTTP/1.1|Host: 127.0.0.1.example",
        "GET /_local/queues/Jobs HTTP/1.1|Host: 10.0.0.1",
        "GET /_local/queues/Jobs HTTP/1.1|Host: localhost|Origin: http://localhost:8080",
        "GET /_local/queues/Jobs HTTP/1.1|Host: localhost|Sec-Fetch-Site:"
            + " cross-site|Sec-Fetch-Mode: no-cors",
        "POST /_local/queues/Jobs/purge HTTP/1.1|Host: localhost",
        "POST /_local/queues/Jobs/purge HTTP/1.1|Host: rebound.example|X-Local-Page: yes",
        "POST /_local/queues/Jobs/purge HTTP/1.1|Host: localhost|X-Local-Page: yes|Origin:"
            + " https://example.com",
        "POST /_local/queues/Jobs/purge HTTP/1.1|Host: localhost|X-Local-Page: yes|Origin: null",
        "POST /_local/queues/Jobs/purge HTTP/1.1|Host: localhost|X-Local-Page: yes|Sec-Fetch-Site:"
            + " same-site",
        "POST /_local/queues/Jobs/purge HTTP/1.1|Host: localhost|X-Local-Page: yes|Sec-Fetch-Site:"
            + " cross-site|Sec-Fetch-Mode: navigate",
        "OPTIONS /_local/queues/Jobs/purge HTTP/1.1|Host: localhost|Origin:"
            + " https://example.com|Access-Control-Request-Method: POST",
      })
  void rejectsPagesOfOtherOrigins(String head) throws Exception {
    AwsClients.send(sqs, run.queueUrl("Jobs"), "kept");

    String answer = raw(head.replace('|', '\n') + "\nContent-Length: 0\nConnection: close\n\n");

    assertThat(answer)
        .startsWith("HTTP/1.1 403")
        .doesNotContainIgnoringCase("access-control-allow");
    assertThat(json("queues/Jobs").path("messages")).hasSize(1);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "Host: LOCALHOST:3000",
        "Host: [::1]:3000",
        "Host: 127.0.0.1|Sec-Fetch-Site: none",
        "Host: localhost:3000|Sec-Fetch-Site: same-origin|Origin: http://localhost:3000",
        "Host: localhost:3000|Sec-Fetch-Site: cross-site|Sec-Fetch-Mode: navigate",
      })
  void acceptsItsOwnPageAndLinks(String headers) throws Exception {
    assertThat(
            raw(
                "GET /_local/ HTTP/1.1|%s|Connection: close||"
                    .formatted(headers)
                    .replace('|', '\n')))
        .startsWith("HTTP/1.1 200");
  }

  @Test
  void actionsNeedPost() throws Exception {
    AwsClients.send(sqs, run.queueUrl("Jobs"), "kept");
    assertThat(get("/_local/queues/Jobs/purge").statusCode()).isEqualTo(404);
    assertThat(json("queues/Jobs").path("messages")).hasSize(1);
  }

  @Test
  void showsTheLogAndResultOfEachInvocation() throws Exception {
    assertThat(scripted("print:<script>alert(1)</script>")).isEqualTo(200);
    JsonNode first = last("Scripted");
    assertThat(first.path("trigger").asText()).isEqualTo("POST /scripted");
    assertThat(first.path("kind").asText()).isEqualTo("done");
    assertThat(first.path("outcome").asText()).isEqualTo("answered");
    assertThat(first.path("milliseconds").asDouble()).isPositive();
    assertThat(first.path("log"))
        .extracting(JsonNode::asText)
        .containsExactly("<script>alert(1)</script>");

    assertThat(scripted("{\"statusCode\":404}")).isEqualTo(404);
    assertThat(last("Scripted").path("kind").asText()).isEqualTo("rejected");
    assertThat(last("Scripted").path("outcome").asText()).isEqualTo("404");
    assertThat(last("Scripted").path("log")).isEmpty();
    assertThat(last("Scripted").path("cold").asBoolean()).isFalse();

    assertThat(scripted("throw")).isEqualTo(500);
    assertThat(last("Scripted").path("kind").asText()).isEqualTo("failed");
    assertThat(last("Scripted").path("outcome").asText())
        .isEqualTo("threw java.lang.IllegalStateException: scripted to fail");
    assertThat(last("Scripted").path("log").path(0).asText())
        .startsWith("java.lang.IllegalStateException: scripted to fail\n    at ")
        .contains("at dev.asyncitems.local.handlers.Scripted.handleRequest")
        .doesNotContain("at java.base");
    assertThat(scripted("hang")).isEqualTo(503);
    assertThat(last("Scripted").path("outcome").asText()).isEqualTo("timed out");
  }

  @Test
  void makesAFunctionFailUntilItIsTurnedOff() throws Exception {
    assertThat(act("functions/Scripted/fail").body()).isEqualTo("Scripted fails from now on.");
    assertThat(overview().path("functions"))
        .filteredOn(one -> one.has("fails"))
        .extracting(one -> one.path("id").asText() + " " + one.path("fails").asText())
        .containsExactly("Scripted until turned off");
    for (int again = 0; again < 2; again++) {
      assertThat(scripted("print:never")).isEqualTo(500);
      assertThat(last("Scripted").path("outcome").asText())
          .endsWith("failed on purpose, by --fail or at the page");
    }

    assertThat(act("functions/Scripted/recover").body()).isEqualTo("Scripted no longer fails.");
    assertThat(scripted("print:again")).isEqualTo(200);
    assertThat(overview().path("functions")).noneMatch(one -> one.has("fails"));
    for (String nothing : List.of("functions/Scripted/other", "functions/None/fail")) {
      assertThat(act(nothing).statusCode()).as(nothing).isEqualTo(404);
    }
  }

  @Test
  void saysWhyATokenWasRejected() throws Exception {
    assertThat(get("/private/1").body()).isEqualTo("{\"message\":\"Unauthorized\"}");

    String notice = "GET /private/1 was answered with 401: the request has no Authorization header";
    assertThat(overview().at("/notices/0/text").asText()).isEqualTo(notice);
    assertThat(Recording.next(RECORDING.denials))
        .isEqualTo("401 the request has no Authorization header");
  }

  @Test
  void aNoticeHasNoQueryAndComesOnce() throws Exception {
    for (int i = 0; i < 30; i++) {
      assertThat(get("/private/odd?secret=1").statusCode()).isEqualTo(401);
    }
    assertThat(get("/private/even").statusCode()).isEqualTo(401);
    assertThat(get("/private/odd?secret=1").statusCode()).isEqualTo(401);

    assertThat(overview().path("notices").findValuesAsText("text"))
        .startsWith(
            "GET /private/odd was answered with 401: the request has no Authorization header"
                + " (31 times)",
            "GET /private/even was answered with 401: the request has no Authorization header");
    RECORDING.denials.clear();
  }

  private static JsonNode overview() throws Exception {
    try (Stream stream = new Stream()) {
      return stream.await(overview -> true);
    }
  }

  @Test
  void theFirstInvocationOfAHandlerIsCold() throws Exception {
    run.invoke("Ticker", "{\"detail-type\":\"Scheduled Event\"}".getBytes(UTF_8));
    run.invoke("Ticker", "{}".getBytes(UTF_8));
    assertThat(json("functions/Ticker").path("list"))
        .extracting(one -> one.path("trigger").asText() + one.path("cold").asBoolean())
        .containsExactly("another eventfalse", "Scheduled Eventtrue");
  }

  @Test
  void showsTheNumberOfFailedMessages() throws Exception {
    String batch =
        """
        {"Records": [{"messageId": "1", "body": "fail"}, {"messageId": "2", "body": "good"}]}
        """;
    run.invoke("Worker", batch.getBytes(UTF_8));
    assertThat(last("Worker").path("trigger").asText()).isEqualTo("2 messages");
    assertThat(last("Worker").path("kind").asText()).isEqualTo("failed");
    assertThat(last("Worker").path("outcome").asText())
        .isEqualTo("1 of 2 failed, left in the queue");
  }

  /** A line of a function's own thread belongs to the invocation by its request id. */
  @Test
  void aLineWithARequestIdBelongsToThatInvocation() throws Exception {
    scripted("print:own");
    String id = last("Scripted").path("requestId").asText();
    System.out.println("{\"requestId\":\"" + id + "\",\"message\":\"late\"}");
    System.out.println("{\"requestId\":\"" + UUID.randomUUID() + "\",\"message\":\"other\"}");
    assertThat(last("Scripted").path("log"))
        .extracting(JsonNode::asText)
        .containsExactly("own", "{\"requestId\":\"" + id + "\",\"message\":\"late\"}");
  }

  @Test
  void keepsABoundedNumberOfInvocationsAndLines() throws Exception {
    for (int i = 0; i < 60; i++) {
      run.invoke("Echo", "{}".getBytes(UTF_8));
    }
    assertThat(json("functions/Echo").path("list")).hasSize(50);
    scripted("print:" + "x".repeat(15_000) + "\n" + "y".repeat(15_000) + "\n" + "z\nz");
    assertThat(last("Scripted").path("log")).hasSize(2);
    assertThat(last("Scripted").path("omitted").asInt()).isEqualTo(2);
  }

  @Test
  void showsMessagesWithoutReceivingThem() throws Exception {
    sqs.sendMessage(r ->
        r.queueUrl(run.queueUrl("DeadJobs"))
            .messageBody("<b>dead</b>")
            .messageAttributes(
                Map.of(
                    "reason",
                    MessageAttributeValue.builder()
                        .dataType("String")
                        .stringValue("was <malformed>")
                        .build())));
    AwsClients.send(sqs, run.queueUrl("Jobs"), "flying");
    assertThat(AwsClients.receive(sqs, run.queueUrl("Jobs"), 1)).hasSize(1);
    sqs.sendMessage(r -> r.queueUrl(run.queueUrl("Jobs")).messageBody("later").delaySeconds(60));

    for (int i = 0; i < 3; i++) {
      JsonNode dead = json("queues/DeadJobs");
      assertThat(dead.path("sources").path(0).asText()).isEqualTo("Jobs");
      assertThat(dead.path("visible").asInt()).isEqualTo(1);
      JsonNode message = dead.path("messages").path(0);
      assertThat(message.path("body").asText()).isEqualTo("<b>dead</b>");
      assertThat(message.path("reason").asText()).isEqualTo("was <malformed>");
      assertThat(message.path("receives").asInt()).isZero();
      assertThat(message.path("state").asText()).isEqualTo("visible");
    }
    JsonNode jobs = json("queues/Jobs");
    assertThat(jobs.path("inFlight").asInt()).isEqualTo(1);
    assertThat(jobs.path("delayed").asInt()).isEqualTo(1);
    assertThat(jobs.path("messages"))
        .extracting(one -> one.path("body").asText() + " " + one.path("state").asText())
        .containsExactlyInAnyOrder("flying in flight", "later delayed");
  }

  @Test
  void replaysTheChosenMessageThenAll() throws Exception {
    AwsClients.send(sqs, run.queueUrl("DeadJobs"), "1", "2", "3");
    JsonNode messages = json("queues/DeadJobs").path("messages");
    assertThat(messages).hasSize(3);
    String chosen = messages.path(1).path("id").asText();

    assertThat(act("queues/DeadJobs/replay?to=PlainJobs&message=" + chosen).statusCode())
        .as("not one of its sources")
        .isEqualTo(404);
    assertThat(act("queues/DeadJobs/replay?to=Jobs&message=" + chosen).statusCode()).isEqualTo(200);
    assertThat(bodies("Jobs")).containsExactly(messages.path(1).path("body").asText());
    assertThat(bodies("DeadJobs"))
        .containsExactlyInAnyOrder(
            messages.path(0).path("body").asText(), messages.path(2).path("body").asText());
    assertThat(json("queues/DeadJobs").path("visible").asInt())
        .as("none is left hidden")
        .isEqualTo(2);
    assertThat(act("queues/DeadJobs/replay?to=Jobs&message=" + chosen).statusCode())
        .as("again")
        .isEqualTo(409);

    assertThat(act("queues/DeadJobs/replay?to=Jobs").body())
        .isEqualTo("2 messages are in Jobs again.");
    assertThat(bodies("Jobs")).containsExactlyInAnyOrder("1", "2", "3");
    assertThat(bodies("DeadJobs")).isEmpty();
  }

  @Test
  void reportsWhatBecameOfEachReplayedMessage() throws Exception {
    String url = run.queueUrl("DeadJobs");
    AwsClients.send(sqs, url, "{\"id\":\"fails\"}", "{\"id\":\"works\"}", "kept", "kept");
    assertThat(act("queues/DeadJobs/replay?to=Jobs").statusCode()).isEqualTo(200);
    assertThat(outcomes()).containsOnly("waits");

    boolean oneIsKept = false;
    for (var message : AwsClients.receive(sqs, run.queueUrl("Jobs"), 5)) {
      if (message.body().equals("kept") && !oneIsKept) {
        oneIsKept = true;
        continue;
      }
      if (!message.body().contains("works")) {
        AwsClients.send(sqs, url, message.body());
      }
      sqs.deleteMessage(
          r -> r.queueUrl(run.queueUrl("Jobs")).receiptHandle(message.receiptHandle()));
    }

    assertThat(outcomes())
        .containsExactlyInAnyOrder(
            "failed again: for an unknown reason",
            "processed",
            "failed again: for an unknown reason",
            "not processed yet, receives: 1");
  }

  /** A second replay and a purge remove messages that the function did not process. */
  @Test
  void theOutcomeOfAReplayedMessageIsFinal() throws Exception {
    String url = run.queueUrl("DeadJobs");
    AwsClients.send(sqs, url, "fails", "works");
    assertThat(act("queues/DeadJobs/replay?to=Jobs").statusCode()).isEqualTo(200);
    for (var message : AwsClients.receive(sqs, run.queueUrl("Jobs"), 5)) {
      if (message.body().equals("fails")) {
        AwsClients.send(sqs, url, message.body());
      }
      sqs.deleteMessage(
          r -> r.queueUrl(run.queueUrl("Jobs")).receiptHandle(message.receiptHandle()));
    }
    String[] outcomes = {"failed again: for an unknown reason", "processed"};
    try (Stream stream = new Stream()) {
      stream.await(overview -> overview.toString().contains("failed again"));
      Thread.sleep(1_000); // A message counts as processed after a second in neither queue.
      AwsClients.send(sqs, run.queueUrl("PlainJobs"), "a change");
      stream.await(overview -> queue(overview, "PlainJobs").path("visible").asInt() == 1);
    }
    assertThat(outcomes()).containsExactlyInAnyOrder(outcomes);
    sqs.purgeQueue(r -> r.queueUrl(run.queueUrl("PlainJobs")));

    sqs.purgeQueue(r -> r.queueUrl(url));
    AwsClients.send(sqs, url, "works");
    assertThat(outcomes()).containsExactlyInAnyOrder(outcomes);

    assertThat(act("queues/Jobs/purge").statusCode()).isEqualTo(200);
    assertThat(overview().has("replay")).as("nobody knows what was purged").isFalse();
  }

  @Test
  void theReportOfAReplayIsBounded() throws Exception {
    List<String> bodies = IntStream.range(0, 52).mapToObj(String::valueOf).toList();
    AwsClients.send(sqs, run.queueUrl("DeadJobs"), bodies.toArray(String[]::new));
    assertThat(act("queues/DeadJobs/replay?to=Jobs").body()).startsWith("52 messages are");
    assertThat(outcomes()).hasSize(50);
    assertThat(overview().path("replay").path("more").asInt()).isEqualTo(2);
  }

  private static List<String> outcomes() throws Exception {
    return overview().path("replay").path("messages").findValuesAsText("outcome");
  }

  @Test
  void aReplayedMessageThatComesBackIsNotMovedAgain() throws Exception {
    List<String> bodies = IntStream.range(0, 25).mapToObj(String::valueOf).toList();
    AwsClients.send(sqs, run.queueUrl("DeadJobs"), bodies.toArray(String[]::new));
    List<String> seen = new CopyOnWriteArrayList<>();
    AtomicBoolean replaying = new AtomicBoolean(true);
    Thread consumer =
        Thread.ofVirtual()
            .start(() -> {
              boolean more = true;
              while (more || replaying.get()) {
                var messages = AwsClients.receive(sqs, run.queueUrl("Jobs"), 1);
                more = !messages.isEmpty();
                for (var message : messages) {
                  seen.add(message.body());
                  AwsClients.send(sqs, run.queueUrl("DeadJobs"), message.body());
                  sqs.deleteMessage(
                      r -> r.queueUrl(run.queueUrl("Jobs")).receiptHandle(message.receiptHandle()));
                }
              }
            });

    String answer = act("queues/DeadJobs/replay?to=Jobs").body();
    replaying.set(false);
    consumer.join();

    assertThat(answer).isEqualTo("25 messages are in Jobs again.");
    assertThat(seen).containsExactlyInAnyOrderElementsOf(bodies);
    assertThat(bodies("DeadJobs")).containsExactlyInAnyOrderElementsOf(bodies);
    assertThat(json("queues/DeadJobs").path("visible").asInt()).isEqualTo(25);
  }

  @Test
  void aReplayedMessageKeepsItsAttributesAndItsTrace() throws Exception {
    String trace = "Root=1-5759e988-bd862e3fe1be46a994272793";
    sqs.sendMessage(r ->
        r.queueUrl(run.queueUrl("DeadJobs"))
            .messageBody("traced")
            .messageAttributes(
                Map.of(
                    "who",
                    MessageAttributeValue.builder().dataType("String").stringValue("me").build()))
            .messageSystemAttributes(
                Map.of(
                    MessageSystemAttributeNameForSends.AWS_TRACE_HEADER,
                    MessageSystemAttributeValue.builder()
                        .dataType("String")
                        .stringValue(trace)
                        .build())));

    assertThat(act("queues/DeadJobs/replay?to=Jobs").statusCode()).isEqualTo(200);

    var replayed =
        sqs.receiveMessage(r ->
                r.queueUrl(run.queueUrl("Jobs"))
                    .messageAttributeNames("All")
                    .messageSystemAttributeNames(MessageSystemAttributeName.AWS_TRACE_HEADER))
            .messages()
            .getFirst();
    assertThat(replayed.messageAttributes().values())
        .extracting(MessageAttributeValue::stringValue)
        .containsExactly("me");
    assertThat(replayed.attributes())
        .containsEntry(MessageSystemAttributeName.AWS_TRACE_HEADER, trace);
  }

  private static List<String> bodies(String queueId) throws Exception {
    List<String> bodies = new ArrayList<>();
    json("queues/" + queueId)
        .path("messages")
        .forEach(message -> bodies.add(message.path("body").asText()));
    return bodies;
  }

  private static JsonNode queue(JsonNode overview, String queueId) {
    for (JsonNode queue : overview.path("queues")) {
      if (queue.path("id").asText().equals(queueId)) {
        return queue;
      }
    }
    throw new AssertionError("no queue " + queueId + " in " + overview);
  }

  @Test
  void aMessageThatSqsDeadLetteredCanBeReplayed() throws Exception {
    AwsClients.send(sqs, run.queueUrl("Jobs"), "tried");
    for (int receive = 0; receive < 2; receive++) {
      var message = AwsClients.receive(sqs, run.queueUrl("Jobs"), 5).get(0);
      sqs.changeMessageVisibility(r ->
          r.queueUrl(run.queueUrl("Jobs"))
              .receiptHandle(message.receiptHandle())
              .visibilityTimeout(0));
    }
    assertThat(AwsClients.receive(sqs, run.queueUrl("Jobs"), 0)).isEmpty();

    assertThat(bodies("DeadJobs")).containsExactly("tried");
    assertThat(bodies("Jobs")).isEmpty();
    JsonNode dead = json("queues/DeadJobs").path("messages").path(0);
    assertThat(dead.path("reason").asText())
        .isEqualTo("by SQS from Jobs, where 2 deliveries failed");
    String id = dead.path("id").asText();
    assertThat(act("queues/DeadJobs/replay?to=Jobs&message=" + id).statusCode()).isEqualTo(200);
    assertThat(bodies("Jobs")).containsExactly("tried");
  }

  /** SQS attaches no reason when it moves a message, but the message's row often has one. */
  @Test
  void aDeadLetterIsShownWithItsRow() throws Exception {
    try (DynamoDbClient dynamoDb = AwsClients.dynamoDb(run.dynamoDbEndpoint())) {
      dynamoDb.putItem(r ->
          r.tableName(run.tableName("Things"))
              .item(
                  Map.of(
                      "id", AttributeValue.fromS("failed-thing"),
                      "failure", AttributeValue.fromS("the <printer> is on fire"))));
    }
    String url = run.queueUrl("DeadJobs");
    AwsClients.send(
        sqs, url, "{\"id\":\"failed-thing\"}", "{\"id\":\"\"}", "{\"id\":7}", "[", "{}");
    AwsClients.send(sqs, url, "{\"id\":\"failed-thing\"}", "{\"id\":\"unknown\"}");
    AwsClients.send(sqs, run.queueUrl("Jobs"), "{\"id\":\"failed-thing\"}");

    JsonNode messages = json("queues/DeadJobs").path("messages");

    assertThat(messages).hasSize(7);
    for (JsonNode message : messages) {
      if (message.path("body").asText().contains("failed-thing")) {
        assertThat(message.path("rows")).hasSize(1);
        assertThat(message.path("rows").path(0).path("table").asText()).isEqualTo("Things");
        assertThat(message.path("reason").asText()).isEqualTo("the <printer> is on fire");
      } else {
        assertThat(message.has("rows")).as(message.toString()).isFalse();
        assertThat(message.has("reason")).as(message.toString()).isFalse();
      }
      assertThat(message.has("moved")).isFalse();
    }
    assertThat(json("queues/Jobs").path("messages").path(0).has("rows")).isFalse();
  }

  @Test
  void aPurgeByAnotherClientIsShown() throws Exception {
    AwsClients.send(sqs, run.queueUrl("Jobs"), "1", "2");
    assertThat(bodies("Jobs")).hasSize(2);
    sqs.purgeQueue(r -> r.queueUrl(run.queueUrl("Jobs")));
    assertThat(bodies("Jobs")).isEmpty();
  }

  @Test
  void aPurgedMessageIsNotInTheFolderEither() throws Exception {
    for (int start = 0; start < 2; start++) {
      try (LocalRun own = LocalRun.of(SMALL).withoutPollers().page().dataFolder(folder).start();
          SqsClient client = AwsClients.sqs(own.sqsEndpoint())) {
        URI queue = own.uri().resolve("/_local/queues/Jobs");
        String seen =
            http.send(HttpRequest.newBuilder(queue).build(), BodyHandlers.ofString()).body();
        assertThat(JSON.readTree(seen).path("messages")).isEmpty();
        AwsClients.send(client, own.queueUrl("Jobs"), "purged");
        HttpRequest purge =
            HttpRequest.newBuilder(own.uri().resolve("/_local/queues/Jobs/purge"))
                .header("X-Local-Page", "yes")
                .POST(BodyPublishers.noBody())
                .build();
        assertThat(http.send(purge, BodyHandlers.discarding()).statusCode()).isEqualTo(200);
      }
    }
  }

  @Test
  void showsATablePageByPage() throws Exception {
    try (DynamoDbClient dynamoDb = AwsClients.dynamoDb(run.dynamoDbEndpoint())) {
      dynamoDb.putItem(r ->
          r.tableName(run.tableName("Things"))
              .item(
                  Map.of(
                      "id", AttributeValue.fromS("row0"),
                      "rare", AttributeValue.fromS("x"))));
      for (int i = 1; i < 30; i++) {
        String id = "row" + i;
        dynamoDb.putItem(r ->
            r.tableName(run.tableName("Things"))
                .item(
                    Map.of(
                        "id", AttributeValue.fromS(id),
                        "kind", AttributeValue.fromN("12.50"),
                        "tags", AttributeValue.fromSs(List.of("a")),
                        "deep", AttributeValue.fromM(Map.of("x", AttributeValue.fromBool(true))),
                        "madeAt", AttributeValue.fromS("2026-01-15T09:30:00.123Z"),
                        "traceId", AttributeValue.fromS(UUID.randomUUID().toString()),
                        "html", AttributeValue.fromS("<img src=x>"))));
      }
    }
    try (Stream stream = new Stream()) {
      stream.await(overview -> overview.path("tables").path(0).path("rows").asInt() == 30);
    }
    JsonNode page = json("tables/Things");
    assertThat(page.path("columns"))
        .extracting(JsonNode::asText)
        .containsExactly("id", "deep", "html", "tags", "madeAt", "traceId", "kind");
    assertThat(page.path("rows")).hasSize(25);
    assertThat(page.path("rows").path(0))
        .extracting(JsonNode::asText)
        .startsWith("row9", "{\"x\":true}", "<img src=x>", "[\"a\"]")
        .endsWith("12.5");
    JsonNode next = json("tables/Things?page=2");
    assertThat(next.path("rows")).hasSize(5);
    assertThat(next.at("/rows/4/0").asText()).isEqualTo("row0");
    assertThat(next.path("columns")).as("of this page").hasSize(8);
    assertThat(json("tables/Things?page=3")).as("the last page stands for later").isEqualTo(next);

    JsonNode filtered = json("tables/Things?filter=ROW1");
    assertThat(filtered.path("all").asInt()).isEqualTo(30);
    assertThat(filtered.path("found").asInt()).isEqualTo(11);
    assertThat(filtered.path("rows")).extracting(row -> row.path(0).asText()).endsWith("row1");
    assertThat(json("tables/Things?filter=nothing").path("rows")).isEmpty();
  }

  @Test
  void streamsChanges() throws Exception {
    try (Stream stream = new Stream()) {
      stream.await(overview -> overview.path("functions").size() == 5);
      scripted("print:x");
      stream.await(overview ->
          overview.findParents("trigger").stream()
              .anyMatch(last -> last.path("trigger").asText().equals("POST /scripted")));
      AwsClients.send(sqs, run.queueUrl("PlainJobs"), "x");
      stream.await(overview -> queue(overview, "PlainJobs").path("visible").asInt() == 1);
    }
    sqs.purgeQueue(r -> r.queueUrl(run.queueUrl("PlainJobs")));
  }

  @Test
  void openWindowsDelayNoOtherRequest() throws Exception {
    List<Stream> streams = new ArrayList<>();
    try {
      for (int i = 0; i < 30; i++) {
        Stream stream = new Stream();
        streams.add(stream);
        stream.await(overview -> true);
      }
      for (int i = 0; i < 5; i++) {
        assertThat(get("/things/1").statusCode()).isEqualTo(200);
      }
    } finally {
      for (Stream stream : streams) {
        stream.close();
      }
    }
  }

  @Test
  void aStreamEndsWithTheRun() throws Exception {
    LocalRun own = LocalRun.of(SMALL).withoutPollers().page().start();
    try (Stream stream = new Stream(own.uri())) {
      stream.await(overview -> true);
      own.close();
      assertThatExceptionOfType(IOException.class).isThrownBy(() -> stream.await(seen -> false));
    }
  }

  @Test
  void withoutThePageThePathsAreTheRoutes() throws Exception {
    try (LocalRun own = LocalRun.of(SMALL).withoutPollers().start()) {
      assertThat(own.pageUri()).isEmpty();
      HttpRequest get = HttpRequest.newBuilder(own.uri().resolve("/_local/")).build();
      assertThat(http.send(get, BodyHandlers.ofString()).body()).contains("Not Found");
    }
  }

  /** The page's stream of events. */
  private static final class Stream implements AutoCloseable {

    private final Socket socket;
    private final BufferedReader lines;

    Stream() throws IOException {
      this(run.uri());
    }

    Stream(URI uri) throws IOException {
      socket = new Socket(InetAddress.getLoopbackAddress(), uri.getPort());
      socket.setSoTimeout(20_000);
      socket
          .getOutputStream()
          .write("GET /_local/events HTTP/1.1\r\nHost: localhost\r\n\r\n".getBytes(UTF_8));
      InputStream in = socket.getInputStream();
      lines = new BufferedReader(new InputStreamReader(in, UTF_8));
      assertThat(lines.readLine()).startsWith("HTTP/1.1 200");
    }

    /** Reads until an event matches, and returns it. */
    JsonNode await(Predicate<JsonNode> wanted) throws IOException {
      for (int i = 0; i < 1_000; i++) {
        String line = lines.readLine();
        if (line == null) {
          throw new IOException("the stream has ended");
        }
        if (line.startsWith("data: ")) {
          JsonNode overview = JSON.readTree(line.substring(6));
          if (wanted.test(overview)) {
            return overview;
          }
        }
      }
      throw new AssertionError("no such event arrived");
    }

    @Override
    public void close() throws IOException {
      socket.close();
    }
  }
}

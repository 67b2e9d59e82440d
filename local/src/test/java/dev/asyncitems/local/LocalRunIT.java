package dev.asyncitems.local;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.asyncitems.local.handlers.Ticker;
import dev.asyncitems.local.invocation.InvocationException;
import dev.asyncitems.local.template.TemplateException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.NetworkInterface;
import java.net.Socket;
import java.net.SocketException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.logging.LogManager;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import java.util.logging.StreamHandler;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import software.amazon.awssdk.core.exception.SdkClientException;
import software.amazon.awssdk.services.dynamodb.DynamoDbClient;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;
import software.amazon.awssdk.services.dynamodb.model.TableDescription;
import software.amazon.awssdk.services.dynamodb.model.TimeToLiveStatus;
import software.amazon.awssdk.services.sqs.model.Message;

class LocalRunIT {

  private static final Path SMALL = Path.of("src/test/resources/small.yaml");
  private static final JsonMapper JSON = new JsonMapper();
  private static final Recording RECORDING = new Recording();
  private static final SettableClock CLOCK =
      new SettableClock(Instant.parse("2026-01-02T03:04:05Z"));

  private static LocalRun run;
  private static HttpClient http;

  @TempDir Path folder;

  @BeforeAll
  static void start() {
    run =
        LocalRun.of(SMALL)
            .withoutPollers()
            .stackName("main")
            .clock(CLOCK)
            .parameter("Greeting", "HELLO")
            .environment(Map.of("EVERYWHERE", "yes"))
            .environment("Echo", Map.of("AWS_ENDPOINT_URL_SQS", "http://127.0.0.1:1"))
            .listener(RECORDING)
            .start();
    http = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
  }

  @AfterAll
  static void close() {
    http.close();
    run.close();
  }

  private static HttpRequest.Builder request(String path) {
    return HttpRequest.newBuilder(URI.create(run.uri() + path));
  }

  private static HttpResponse<String> send(HttpRequest.Builder request) throws Exception {
    return http.send(request.build(), BodyHandlers.ofString());
  }

  private static HttpResponse<String> scripted(String script) throws Exception {
    return send(
        request("/scripted")
            .header("Content-Type", "text/plain")
            .POST(BodyPublishers.ofString(script)));
  }

  /** Sends text as UTF-8 and returns the whole response. The request must close the connection. */
  private static String raw(String text) throws IOException {
    return raw(text.getBytes(UTF_8));
  }

  private static String raw(byte[] request) throws IOException {
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), run.uri().getPort())) {
      socket.setSoTimeout(10_000);
      socket.getOutputStream().write(request);
      return new String(socket.getInputStream().readAllBytes(), UTF_8);
    }
  }

  private static String post(String headers, String body) throws IOException {
    String head = "POST /things HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n";
    return raw(head + headers + "\r\n\r\n" + body);
  }

  private static String rawGet(String target) throws IOException {
    return raw("GET " + target + " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
  }

  @Test
  void returnsTheResponseOfTheHandler() throws Exception {
    HttpResponse<String> response = send(request("/things/7?a=b").header("X-A", "1"));
    assertThat(response.statusCode()).isEqualTo(200);
    assertThat(response.headers().firstValue("content-type")).contains("application/json");
    JsonNode body = JSON.readTree(response.body());
    assertThat(body.path("event").path("pathParameters").path("id").asText()).isEqualTo("7");
    assertThat(body.path("event").path("requestContext").path("timeEpoch").asLong())
        .isEqualTo(CLOCK.instant().toEpochMilli());
    assertThat(body.path("requestId"))
        .isEqualTo(body.path("event").path("requestContext").path("requestId"));
    assertThat(body.path("remaining").asInt()).isBetween(1, 5_000);
  }

  @Test
  void givesHandlersTheEnvironmentThatLambdaWould() {
    assertThat(run.environment("Echo"))
        .containsEntry("GREETING", "HELLO")
        .containsEntry("MOOD", "loud")
        .containsEntry("EVERYWHERE", "yes")
        .containsEntry("AWS_REGION", "us-east-1")
        .containsEntry("AWS_LAMBDA_FUNCTION_NAME", "main-Echo")
        .containsEntry("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "256")
        .containsEntry("AWS_ENDPOINT_URL_DYNAMODB", run.dynamoDbEndpoint().toString())
        .containsEntry("AWS_ENDPOINT_URL_SQS", "http://127.0.0.1:1")
        .containsKeys("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY");
    assertThat(run.environment("Worker"))
        .containsEntry("TABLE", "main-Things")
        .containsEntry("QUEUE_URL", run.sqsEndpoint() + "/000000000000/main-Jobs");
  }

  @Test
  void passesOnRequestsThatItCanParse() throws Exception {
    for (String id : List.of("%00", "a%2Fb", "%zz", ";x=y", "..", "%ff", "\u00e9", "a\"<>|^`{}")) {
      assertThat(rawGet("/things/" + id)).as(id).startsWith("HTTP/1.1 200 ");
    }
    assertThat(rawGet("/echo//a/../b?x=%zz&&=")).startsWith("HTTP/1.1 200 ");
    assertThat(rawGet("http://elsewhere/things/1")).startsWith("HTTP/1.1 200 ");
    assertThat(raw("BREW /echo/tea HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"))
        .startsWith("HTTP/1.1 200 ");
    assertThat(raw("OPTIONS * HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"))
        .startsWith("HTTP/1.1 404 ");
  }

  @Test
  void rejectsRequestsThatItCannotParse() throws Exception {
    for (String request :
        List.of(
            "garbage\r\n\r\n",
            "GET / HTTP/1.1\r\n\r\n",
            "GET / HTTP/9.9\r\nHost: localhost\r\n\r\n",
            "GET /a b HTTP/1.1\r\nHost: localhost\r\n\r\n",
            "POST /things HTTP/1.1\r\nHost: localhost\r\nContent-Length: many\r\n\r\n")) {
      assertThat(raw(request))
          .as(request)
          .startsWith("HTTP/1.1 400 ")
          .contains("Content-Type: application/problem+json");
    }
  }

  /** Accepts raw UTF-8 and rejects other bytes, as functions reject {@code %E9} in a query. */
  @Test
  void rejectsTargetsThatAreNotUtf8() throws Exception {
    for (String target : List.of("/things/1?x=\u00e9", "/things/\u00e9", "/nowhere/\u00e9")) {
      String request =
          "GET " + target + " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
      assertThat(raw(request.getBytes(ISO_8859_1)))
          .as(target)
          .startsWith("HTTP/1.1 400 ")
          .contains("bytes that are not UTF-8");
    }
    assertThat(rawGet("/things/1?x=\u00e9")).startsWith("HTTP/1.1 200 ").contains("x=\u00e9");
  }

  /** Repeats 20 times, because half of the requests once got no response. */
  @Test
  void rejectsUnknownExpectations() throws Exception {
    for (int i = 0; i < 20; i++) {
      for (String expectation : List.of("nop", "100-continue, nop")) {
        assertThat(post("Expect: " + expectation + "\r\nContent-Length: 2", "{}"))
            .startsWith("HTTP/1.1 417 ")
            .contains("Content-Type: application/problem+json")
            .contains("The expectation 'nop' is not supported");
      }
    }
    assertThat(post("Expect: 100-Continue\r\nContent-Length: 2", "{}")).contains("HTTP/1.1 200 ");
  }

  @Test
  void aMalformedBodyIsA400() throws Exception {
    RECORDING.failures.clear();
    assertThat(post("Transfer-Encoding: chunked", "zz\r\n")).startsWith("HTTP/1.1 400 ");
    assertThat(RECORDING.failures).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"headers", "cookies", "rawPath"})
  void collidingNamesInAResponseHarmNoLaterOne(String name) throws Exception {
    String odd =
        new String(CollidingNames.object(CollidingNames.with(name, CollidingNames.MANY)), UTF_8);
    assertThat(scripted(odd).body()).isEqualTo(odd);
    assertThat(
            scripted("{\"statusCode\":200,\"headers\":{\"x-a\":\"b\"}}")
                .headers()
                .firstValue("x-a"))
        .contains("b");
    assertThat(scripted("[".repeat(20_000)).statusCode()).as("no JSON").isEqualTo(500);
    assertThat(scripted("{}").statusCode()).isEqualTo(200);
  }

  @Test
  void rejectsHeadsOverTheLimit() throws Exception {
    assertThat(rawGet("/things/1?" + "x".repeat(10_140))).startsWith("HTTP/1.1 200 ");
    for (int size : List.of(10_240, 100_000)) {
      assertThat(rawGet("/things/1?" + "x".repeat(size)))
          .startsWith("HTTP/1.1 431 ")
          .contains("Content-Type: application/problem+json");
    }
    HttpResponse<String> response = send(request("/things/1").header("X-A", "x".repeat(10_240)));
    assertThat(response.statusCode()).isEqualTo(431);
  }

  @Test
  void rejectsBodiesOverTheLimit() throws Exception {
    for (int size : List.of(6 * 1024 * 1024 + 1, 10_000_000)) {
      HttpResponse<String> response =
          send(request("/things").POST(BodyPublishers.ofByteArray(new byte[size])));
      assertThat(response.statusCode()).isEqualTo(413);
      assertThat(response.headers().firstValue("content-type"))
          .contains("application/problem+json");
    }
    HttpResponse<String> response =
        send(
            request("/things")
                .header("Content-Type", "text/plain")
                .POST(BodyPublishers.ofString("x".repeat(5_000_000))));
    assertThat(response.statusCode()).as("the echo is too large for an answer").isEqualTo(200);
  }

  @Test
  void aBodyThatIsNotUtf8IsBase64() throws Exception {
    HttpResponse<String> response =
        send(
            request("/things")
                .header("Content-Type", "application/json")
                .POST(BodyPublishers.ofByteArray(new byte[] {(byte) 0xff})));
    JsonNode event = JSON.readTree(response.body()).path("event");
    assertThat(event.path("isBase64Encoded").asBoolean()).isTrue();
    assertThat(event.path("body").asText()).isEqualTo("/w==");
  }

  @Test
  void anUnknownRouteIsNotFound() throws Exception {
    HttpResponse<String> response = send(request("/nowhere"));
    assertThat(response.statusCode()).isEqualTo(404);
    assertThat(response.body()).isEqualTo("{\"message\":\"Not Found\"}");
  }

  @Test
  void pathsThatEndInASlashMatchByTheSetting() throws Exception {
    assertThat(send(request("/things/7/")).statusCode()).isEqualTo(200);
    try (LocalRun other = LocalRun.of(SMALL).withoutPollers().slashes(Slashes.DEFAULT).start()) {
      assertThat(send(HttpRequest.newBuilder(URI.create(other.uri() + "/things/7/"))).statusCode())
          .isEqualTo(404);
      assertThat(send(request("/things/7/")).statusCode()).as("two at once").isEqualTo(200);
      assertThat(other.dynamoDbEndpoint()).isNotEqualTo(run.dynamoDbEndpoint());
    }
  }

  @Test
  void rawPathOmitsTheBasePath() throws Exception {
    try (LocalRun other = LocalRun.of(SMALL).withoutPollers().basePath("/shop/v1").start()) {
      String root = other.uri().resolve("/").toString();
      assertThat(other.uri().getPath()).isEqualTo("/shop/v1");
      HttpResponse<String> inside =
          send(HttpRequest.newBuilder(URI.create(other.uri() + "/things/7")));
      JsonNode event = JSON.readTree(inside.body()).path("event");
      assertThat(event.path("rawPath").asText()).isEqualTo("/things/7");
      assertThat(event.at("/stageVariables/mood").asText()).isEqualTo("hello");
      for (String outside : List.of("things/7", "shop/things/7", "shop/v11/things/7", "shop/v1x")) {
        HttpResponse<String> refused = send(HttpRequest.newBuilder(URI.create(root + outside)));
        assertThat(refused.statusCode()).as(outside).isEqualTo(403);
        assertThat(refused.body()).isEqualTo("{\"message\":\"Forbidden\"}");
      }
      assertThat(send(HttpRequest.newBuilder(other.uri())).statusCode()).isEqualTo(404);
    }
  }

  @Test
  void warnsIfTheStageLacksTheBasePath(@TempDir Path folder) throws Exception {
    String small = Files.readString(SMALL).replace("mood: !Ref", "basePath: !Ref");
    Path template = Files.writeString(folder.resolve("template.yaml"), small);
    for (String value : List.of("/v2", "/v1")) {
      Recording recording = new Recording();
      LocalRun.of(template)
          .withoutPollers()
          .basePath("/v1")
          .parameter("Greeting", value)
          .listener(recording)
          .start()
          .close();
      if (value.equals("/v1")) {
        assertThat(recording.troubles).isEmpty();
      } else {
        assertThat(recording.troubles)
            .singleElement()
            .asString()
            .contains(
                "lack the base path /v1", "stage variable basePath", "--parameter BasePath=/v1");
      }
    }
  }

  @Test
  void aFailureIsA500AndTheRunGoesOn() throws Exception {
    RECORDING.failures.clear();
    HttpResponse<String> response = scripted("throw");
    assertThat(response.statusCode()).isEqualTo(500);
    assertThat(response.headers().firstValue("content-type")).contains("application/problem+json");
    assertThat(response.body()).doesNotContain("scripted").doesNotContain("Exception");
    assertThat(Recording.next(RECORDING.failures))
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("scripted to fail");
    assertThat(scripted("no answer").statusCode()).isEqualTo(500);
    assertThat(Recording.next(RECORDING.failures)).hasMessageContaining("not JSON");
    assertThat(scripted("{\"statusCode\":200}").statusCode()).isEqualTo(200);
  }

  @Test
  void aFunctionThatHangsIsA503AfterItsTimeout() throws Exception {
    HttpResponse<String> response = scripted("hang");
    assertThat(response.statusCode()).isEqualTo(503);
    assertThat(JSON.readTree(response.body()).path("message").asText())
        .isEqualTo("Service Unavailable");
  }

  @Test
  void bodilessAnswersHaveNoBody() throws Exception {
    assertThat(raw("HEAD /echo/1 HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"))
        .startsWith("HTTP/1.1 200 ")
        .endsWith("\r\n\r\n");
    assertThat(scripted("{\"statusCode\":204,\"body\":\"x\"}").body()).isEmpty();
    assertThat(scripted("{\"statusCode\":304,\"body\":\"x\"}").body()).isEmpty();
  }

  @Test
  void cookiesBecomeHeaders() throws Exception {
    assertThat(
            scripted("{\"statusCode\":200,\"cookies\":[\"a=b\",\"c=d\"]}")
                .headers()
                .allValues("set-cookie"))
        .containsExactly("a=b", "c=d");
  }

  @Test
  void servesManyAtOnce() throws Exception {
    List<CompletableFuture<HttpResponse<String>>> answers = new ArrayList<>();
    for (int i = 0; i < 200; i++) {
      answers.add(http.sendAsync(request("/things/" + i).build(), BodyHandlers.ofString()));
    }
    for (int i = 0; i < 200; i++) {
      JsonNode body = JSON.readTree(answers.get(i).get().body());
      assertThat(body.path("event").path("pathParameters").path("id").asText())
          .isEqualTo(Integer.toString(i));
    }
  }

  @Test
  void aConnectionServesRequestAfterRequest() throws Exception {
    String one = "GET /things/%s HTTP/1.1\r\nHost: localhost\r\n%s\r\n";
    String answers =
        raw(one.formatted("first", "") + one.formatted("next", "Connection: close\r\n"));
    assertThat(answers.indexOf("\"rawPath\":\"/things/first\"")).isPositive();
    assertThat(answers.indexOf("\"rawPath\":\"/things/next\""))
        .isGreaterThan(answers.indexOf("\"rawPath\":\"/things/first\""));
  }

  @Test
  void reportsEachAnswer() throws Exception {
    send(request("/things/told?x=1"));
    assertThat(RECORDING.answers).contains("GET /things/told?x=1 200 Echo");
  }

  @Test
  void invokesAFunctionByItsId() throws Exception {
    byte[] answer = run.invoke("Scripted", "{\"body\":\"{}\"}".getBytes(US_ASCII));
    assertThat(answer).isEqualTo("{}".getBytes(US_ASCII));
    assertThatExceptionOfType(InvocationException.class)
        .isThrownBy(() -> run.invoke("Scripted", "{\"body\":\"throw\"}".getBytes(US_ASCII)))
        .withCauseInstanceOf(IllegalStateException.class)
        .matches(failure -> !failure.timedOut());
    assertThatExceptionOfType(InvocationException.class)
        .isThrownBy(() ->
            run.invoke("Scripted", "{\"body\":\"hang\"}".getBytes(US_ASCII), Duration.ofMillis(50)))
        .matches(InvocationException::timedOut);
  }

  @Test
  void createsTheTablesOfTheTemplate() {
    try (DynamoDbClient dynamoDb = AwsClients.dynamoDb(run.dynamoDbEndpoint())) {
      String name = run.tableName("Things");
      TableDescription table = dynamoDb.describeTable(r -> r.tableName(name)).table();
      assertThat(table.globalSecondaryIndexes())
          .extracting(index -> index.indexName())
          .containsExactly("byKind");
      assertThat(
              dynamoDb
                  .describeTimeToLive(r -> r.tableName(name))
                  .timeToLiveDescription()
                  .timeToLiveStatus())
          .isEqualTo(TimeToLiveStatus.ENABLED);
    }
  }

  @Test
  void firesSchedulesByTheGivenClock() {
    Ticker.ticks("main-Ticker").clear();
    CLOCK.advance(Duration.ofSeconds(61));
    assertThat(run.fireDueSchedules()).contains("Ticker");
    assertThat(Ticker.ticks("main-Ticker"))
        .anyMatch(tick -> tick.path("detail-type").asText().equals("Scheduled Event"));
    assertThat(run.fireDueSchedules()).isEmpty();
  }

  @Test
  void listensOnTheLoopbackAddressOnly() throws Exception {
    List<InetAddress> others = new ArrayList<>();
    for (NetworkInterface network : Collections.list(NetworkInterface.getNetworkInterfaces())) {
      if (!network.isLoopback()) {
        others.addAll(Collections.list(network.getInetAddresses()));
      }
    }
    for (URI uri : List.of(run.uri(), run.dynamoDbEndpoint(), run.sqsEndpoint())) {
      for (InetAddress other : others) {
        // connection refused, or a container's interface that has disappeared
        assertThatExceptionOfType(SocketException.class)
            .as("%s at %s", uri, other)
            .isThrownBy(() -> new Socket(other, uri.getPort()).close());
      }
    }
  }

  /** The JVM's shutdown resets loggers while databases are still opened. */
  @Test
  void theDatabaseOfDynamoDbLocalLogsNoProgress() {
    LogManager.getLogManager().reset();
    List<String> lines = new ArrayList<>();
    Logger database = Logger.getLogger("com.almworks.sqlite4java");
    StreamHandler handler =
        new StreamHandler() {
          @Override
          public void publish(LogRecord line) {
            lines.add(line.getMessage());
          }
        };
    database.addHandler(handler);
    try {
      database.info("progress");
      database.warning("trouble");
    } finally {
      database.removeHandler(handler);
    }
    assertThat(lines).containsExactly("trouble");
  }

  @Test
  void dynamoDbCanBeStoppedAndStartedAgain() {
    try (LocalRun own = LocalRun.of(SMALL).withoutFront().withoutPollers().start();
        DynamoDbClient dynamoDb = AwsClients.dynamoDb(own.dynamoDbEndpoint())) {
      own.stopDynamoDb();
      assertThatExceptionOfType(SdkClientException.class).isThrownBy(() -> dynamoDb.listTables());
      own.startDynamoDb();
      assertThat(dynamoDb.listTables().tableNames()).containsExactly("local-Things");
    }
  }

  @Test
  void reportsAnEndpointThatIsNotDynamoDb() {
    assertThatExceptionOfType(LocalRunException.class)
        .isThrownBy(() ->
            LocalRun.of(SMALL)
                .withoutFront()
                .stackName("guest")
                .endpoint(URI.create("http://127.0.0.1:1"))
                .start())
        .withMessageContaining("guest-Things can't be created at http://127.0.0.1:1");
  }

  @Test
  void dataInAFolderSurvivesARestart() {
    for (int start = 0; start < 2; start++) {
      try (LocalRun own =
              LocalRun.of(SMALL).withoutFront().withoutPollers().dataFolder(folder).start();
          DynamoDbClient dynamoDb = AwsClients.dynamoDb(own.dynamoDbEndpoint());
          var sqs = AwsClients.sqs(own.sqsEndpoint())) {
        if (start == 0) {
          dynamoDb.putItem(
              r -> r.tableName("local-Things").item(Map.of("id", AttributeValue.fromS("a"))));
          AwsClients.send(sqs, own.queueUrl("Jobs"), "kept", "deleted");
          List<Message> both = AwsClients.receive(sqs, own.queueUrl("Jobs"), 1);
          assertThat(both).hasSize(2);
          for (var message : both) {
            if (message.body().equals("deleted")) {
              sqs.deleteMessage(
                  r -> r.queueUrl(own.queueUrl("Jobs")).receiptHandle(message.receiptHandle()));
            }
          }
          assertThatExceptionOfType(LocalRunException.class)
              .isThrownBy(() -> LocalRun.of(SMALL).withoutFront().dataFolder(folder).start())
              .withMessageContaining("is in use by another run");
        } else {
          assertThat(dynamoDb.scan(r -> r.tableName("local-Things")).count()).isEqualTo(1);
          assertThat(AwsClients.receive(sqs, own.queueUrl("Jobs"), 5))
              .extracting(message -> message.body())
              .containsExactly("kept");
        }
      }
    }
  }

  @Test
  void anInvalidHandlerFailsTheStart() throws IOException {
    for (Map.Entry<String, String> wrong :
        Map.of(
                "no.such.Handler", "the class no.such.Handler is not on the class path.",
                "java.lang.String", "java.lang.String does not implement RequestStreamHandler.")
            .entrySet()) {
      Path file = folder.resolve("wrong.yaml");
      Files.writeString(
          file,
          "Resources: {F: {Type: 'AWS::Serverless::Function', Properties: {Handler: %s}}}"
              .formatted(wrong.getKey()));
      assertThatExceptionOfType(TemplateException.class)
          .isThrownBy(() -> LocalRun.of(file).start())
          .withMessage("Resources.F.Properties.Handler: " + wrong.getValue());
    }
  }
}

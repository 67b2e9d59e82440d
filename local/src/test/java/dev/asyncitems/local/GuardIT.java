package dev.asyncitems.local;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.asyncitems.local.issuer.TokenIssuer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.http.urlconnection.UrlConnectionHttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.dynamodb.DynamoDbClient;
import software.amazon.awssdk.services.sqs.SqsClient;

/** The requests that each server of a run accepts and rejects. */
class GuardIT {

  private static final String PAGE = "https://page.example";

  /** Hosts of this machine to which browsers do not send the page's origin. */
  private static final List<String> OF_OTHERS =
      List.of(
          "ip6-localhost",
          "dynamodb:8000",
          "kubernetes.docker.internal",
          "host.docker.internal:8000",
          "host.containers.internal",
          "172.17.0.1:9324",
          "[fd00::1]");

  private static final String CHROMIUM =
      "User-Agent: Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/143.0.0.0";

  private static LocalRun run;
  private static LocalRun forContainers;
  private static TokenIssuer issuer;
  private static SqsClient sqs;
  private static DynamoDbClient dynamoDb;

  @BeforeAll
  static void start() throws Exception {
    run =
        LocalRun.of(Path.of("src/test/resources/guarded.yaml"))
            .withoutPollers()
            .page()
            .host("Tunnel.Example")
            .start();
    forContainers =
        LocalRun.of(Path.of("src/test/resources/guarded.yaml"))
            .withoutPollers()
            .host("Tunnel.Example")
            .engineHost("0.0.0.0")
            .start();
    issuer =
        new TokenIssuer(
            URI.create("http://127.0.0.1:0"), List.of("api"), List.of(), Clock.systemUTC());
    sqs = AwsClients.sqs(run.sqsEndpoint());
    dynamoDb = AwsClients.dynamoDb(run.dynamoDbEndpoint());
    AwsClients.send(sqs, run.queueUrl("Jobs"), "kept");
  }

  @AfterAll
  static void close() {
    sqs.close();
    dynamoDb.close();
    issuer.close();
    forContainers.close();
    run.close();
  }

  /** A server and a request for it. */
  record Target(String name, URI server, String line, String headers, String body) {
    @Override
    public String toString() {
      return name;
    }

    String send(String host, String more) throws IOException {
      try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), server.getPort())) {
        socket.setSoTimeout(10_000);
        String head =
            "%s HTTP/1.1|Host: %s|Connection: close|Content-Length: %d%s%s||"
                .formatted(
                    line,
                    host.isEmpty() ? server.getAuthority() : host,
                    body.length(),
                    headers.isEmpty() ? "" : "|" + headers,
                    more.isEmpty() ? "" : "|" + more);
        socket.getOutputStream().write((head.replace("|", "\r\n") + body).getBytes(UTF_8));
        return new String(socket.getInputStream().readAllBytes(), UTF_8);
      }
    }
  }

  private static Target api() {
    return new Target("API", run.uri(), "GET /echo/x", "", "");
  }

  private static Target purge() {
    return new Target(
        "SQS", run.sqsEndpoint(), "GET /000000000000/local-Jobs?Action=PurgeQueue", "", "");
  }

  private static Target form() {
    return new Target(
        "SQS by a form",
        run.sqsEndpoint(),
        "POST /000000000000/local-Jobs",
        "Content-Type: application/x-www-form-urlencoded",
        "Action=SendMessage&MessageBody=x");
  }

  private static Target delete() {
    return new Target(
        "DynamoDB",
        run.dynamoDbEndpoint(),
        "POST /",
        "Content-Type: application/x-amz-json-1.0|X-Amz-Target:"
            + " DynamoDB_20120810.DeleteTable|Authorization: AWS4-HMAC-SHA256"
            + " Credential=any/20260101/us-east-1/dynamodb/aws4_request",
        "{\"TableName\":\"local-Things\"}");
  }

  private static Target token() {
    return new Target("issuer", issuer.uri(), "POST /token", "", "sub=page");
  }

  static Stream<Target> targets() {
    return Stream.of(api(), purge(), form(), delete(), token());
  }

  static Stream<Target> reads() {
    return reads(run);
  }

  static Stream<Target> readsForContainers() {
    return reads(forContainers);
  }

  private static Stream<Target> reads(LocalRun of) {
    return Stream.of(
        new Target("API", of.uri(), "GET /echo/x", "", ""),
        new Target("SQS", of.sqsEndpoint(), "GET /?Action=ListQueues", "", ""),
        new Target(
            "DynamoDB",
            of.dynamoDbEndpoint(),
            "POST /",
            delete().headers().replace("DeleteTable", "ListTables"),
            "{}"));
  }

  @ParameterizedTest
  @MethodSource("targets")
  void rejectsPagesOfOtherOrigins(Target target) throws Exception {
    for (String headers :
        List.of(
            "Origin: https://evil.example",
            "Origin: null",
            "Origin:",
            "Sec-Fetch-Site:",
            "Origin: http://localhost:8080",
            "Origin: http://" + target.server().getAuthority() + "|Origin: https://evil.example",
            "Sec-Fetch-Site: same-origin|Sec-Fetch-Site: cross-site",
            "Sec-Fetch-Site: cross-site|Sec-Fetch-Mode: no-cors",
            "Sec-Fetch-Site: same-site|Origin: http://127.0.0.1:1",
            "Sec-Fetch-Site: cross-site|Sec-Fetch-Mode: navigate|Sec-Fetch-Dest: document",
            "Sec-Fetch-Site: cross-site|Sec-Fetch-Mode: websocket|Origin: https://evil.example")) {
      assertThat(target.send("", headers))
          .as(headers)
          .startsWith("HTTP/1.1 403")
          .contains("rejects requests from web pages of another origin")
          .doesNotContainIgnoringCase("access-control-allow");
    }
    assertNothingIsChanged();
  }

  @ParameterizedTest
  @MethodSource("targets")
  void rejectsHostsThatAPageMayHave(Target target) throws Exception {
    List<String> hosts = new ArrayList<>(OF_OTHERS);
    hosts.addAll(
        List.of(
            "evil.example",
            "evil.example:" + target.server().getPort(),
            "127.0.0.1.evil.example",
            "localhost.evil.example:80",
            "internal.evil.example",
            "host.docker.internal.evil.example",
            "tunnel.example.evil.example"));
    for (String host : hosts) {
      assertThat(target.send(host, ""))
          .as(host)
          .startsWith("HTTP/1.1 403")
          .contains("The local run ");
    }
    assertNothingIsChanged();
  }

  /** The system routes these hosts to loopback, and no client needs them. */
  @Test
  void rejectsOtherSpellingsOfLoopbackAddresses() throws Exception {
    for (Target target : Stream.concat(targets(), readsForContainers()).toList()) {
      for (String host :
          List.of(
              "0.0.0.0",
              "0.0.0.0:9324",
              "0",
              "[::]",
              "[0:0:0:0:0:0:0:0]:1",
              "[::ffff:7f00:1]",
              "[::FFFF:127.0.0.1]:8000",
              "[0:0:0:0:0:ffff:7f00:1]")) {
        assertThat(target.send(host, ""))
            .as("%s by %s", target, host)
            .startsWith("HTTP/1.1 403")
            .contains("The local run ");
      }
    }
    assertNothingIsChanged();
  }

  @ParameterizedTest
  @MethodSource("reads")
  void acceptsProgramsByLoopbackAndConfiguredHosts(Target target) throws Exception {
    for (String host :
        List.of("127.0.0.1", "localhost:1", "[::1]:1", "api.localhost", "tunnel.example:443")) {
      assertThat(target.send(host, "")).as(host).startsWith("HTTP/1.1 200");
    }
    assertThat(target.send("localhost", CHROMIUM)).startsWith("HTTP/1.1 200");
  }

  @ParameterizedTest
  @MethodSource("readsForContainers")
  void aRunForContainersAcceptsProgramsByPrivateHosts(Target target) throws Exception {
    for (String host : OF_OTHERS) {
      for (String agent : List.of("", "User-Agent: aws-sdk-java/2.x", "User-Agent: curl/8.14.1")) {
        assertThat(target.send(host, agent)).as(host + agent).startsWith("HTTP/1.1 200");
      }
    }
    assertThat(target.send("evil.example", "")).startsWith("HTTP/1.1 403");
  }

  /** Browsers send Sec-Fetch-Site only to loopback hosts and over HTTPS. */
  @ParameterizedTest
  @MethodSource("readsForContainers")
  void aBrowserMustSendTheOriginOfThePage(Target target) throws Exception {
    List<String> hosts = new ArrayList<>(OF_OTHERS);
    hosts.add("tunnel.example");
    for (String host : hosts) {
      assertThat(target.send(host, CHROMIUM))
          .as(host)
          .startsWith("HTTP/1.1 403")
          .contains("rejects browsers");
      assertThat(target.send(host, CHROMIUM + "|Origin: http://" + host))
          .as(host)
          .startsWith("HTTP/1.1 403");
      assertThat(target.send(host, CHROMIUM + "|Sec-Fetch-Site: same-origin"))
          .as(host)
          .startsWith("HTTP/1.1 200");
    }
  }

  @ParameterizedTest
  @MethodSource("reads")
  void acceptsItsOwnPages(Target target) throws Exception {
    String authority = target.server().getAuthority();
    for (String headers :
        List.of(
            "Origin: http://" + authority,
            "Sec-Fetch-Site: same-origin|Origin: http://" + authority,
            "Sec-Fetch-Site: none|Sec-Fetch-Mode: navigate",
            // a development server that forwards its own page's request
            "Sec-Fetch-Site: same-origin|Origin: http://localhost:5173")) {
      assertThat(target.send("", headers)).as(headers).startsWith("HTTP/1.1 200");
    }
  }

  @Test
  void anEngineRejectsInTheFormatOfItsService() throws Exception {
    for (Target target : List.of(delete(), purge())) {
      assertThat(target.send("evil.example", ""))
          .contains("Content-Type: application/json")
          .contains(
              "{\"__type\":\"com.amazon.coral.service#AccessDeniedException\",\"message\":\"");
    }
  }

  @Test
  void theApiSaysWhatToDo() throws Exception {
    assertThat(api().send("", "Origin: https://evil.example"))
        .containsIgnoringCase("Content-Type: application/problem+json")
        .contains("AWS would answer.", "CorsConfiguration");
    assertThat(api().send("evil.example", "")).contains("--host NAME");
  }

  @Test
  void theApiAcceptsOriginsOfTheTemplate() throws Exception {
    assertThat(api().send("", "Origin: " + PAGE + "|Sec-Fetch-Site: cross-site"))
        .startsWith("HTTP/1.1 200")
        .containsIgnoringCase("Access-Control-Allow-Origin: " + PAGE);
    assertThat(api().send("", "Sec-Fetch-Site: cross-site|Sec-Fetch-Mode: no-cors"))
        .as("an image of that page, perhaps")
        .startsWith("HTTP/1.1 403");
    assertThat(api().send("", "Origin: " + PAGE + "|Origin: https://evil.example"))
        .startsWith("HTTP/1.1 403");
  }

  /** A page may send text without a content type, and a function may parse it as JSON. */
  @Test
  void onlyPreflightRequestsPass() throws Exception {
    Target post = new Target("API", run.uri(), "POST /echo/x", "", "{}");
    Target options = new Target("API", run.uri(), "OPTIONS /echo/x", "", "");
    String evil = "Origin: https://evil.example|Sec-Fetch-Site: cross-site";
    assertThat(post.send("", evil)).startsWith("HTTP/1.1 403");
    assertThat(options.send("", evil)).startsWith("HTTP/1.1 403");
    assertThat(options.send("", evil + "|Access-Control-Request-Method: POST"))
        .startsWith("HTTP/1.1 200")
        .doesNotContainIgnoringCase("access-control-allow");
  }

  @ParameterizedTest
  @ValueSource(strings = {"any", "a", "AKIA-1", "my_key", "x.y", "-._"})
  void acceptsAnyAccessKeyId(String keyId) {
    StaticCredentialsProvider key =
        StaticCredentialsProvider.create(AwsBasicCredentials.create(keyId, "secret"));
    try (DynamoDbClient there =
            DynamoDbClient.builder()
                .region(Region.US_EAST_1)
                .endpointOverride(run.dynamoDbEndpoint())
                .credentialsProvider(key)
                .httpClient(UrlConnectionHttpClient.create())
                .build();
        SqsClient queues =
            SqsClient.builder()
                .region(Region.US_EAST_1)
                .endpointOverride(run.sqsEndpoint())
                .credentialsProvider(key)
                .httpClient(UrlConnectionHttpClient.create())
                .build()) {
      assertThat(there.listTables().tableNames()).containsExactly("local-Things");
      assertThat(queues.listQueues().queueUrls()).hasSize(1);
    }
  }

  @Test
  void bothLoopbackAddressesAnswer() throws Exception {
    for (URI server : List.of(run.uri(), run.dynamoDbEndpoint(), run.sqsEndpoint())) {
      try (Socket socket = new Socket(InetAddress.ofLiteral("::1"), server.getPort())) {
        socket
            .getOutputStream()
            .write(
                "GET /health HTTP/1.1\r\nHost: [::1]\r\nConnection: close\r\n\r\n".getBytes(UTF_8));
        assertThat(new String(socket.getInputStream().readAllBytes(), UTF_8))
            .startsWith("HTTP/1.1 ")
            .doesNotStartWith("HTTP/1.1 403");
      }
    }
  }

  private static void assertNothingIsChanged() {
    assertThat(dynamoDb.listTables().tableNames()).containsExactly("local-Things");
    assertThat(
            sqs.getQueueAttributes(r ->
                    r.queueUrl(run.queueUrl("Jobs"))
                        .attributeNamesWithStrings("ApproximateNumberOfMessages"))
                .attributesAsStrings())
        .isEqualTo(Map.of("ApproximateNumberOfMessages", "1"));
  }
}

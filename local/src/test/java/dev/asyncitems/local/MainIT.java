package dev.asyncitems.local;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MainIT {

  private static final String SMALL = "src/test/resources/small.yaml";
  private static final String GUARDED = "src/test/resources/guarded.yaml";

  @TempDir Path folder;

  /** Runs the command in this JVM, and puts back the streams and properties that it sets. */
  private static void failsWith(int code, String sentence, String... arguments) {
    PrintStream out = System.out;
    PrintStream err = System.err;
    Properties properties = System.getProperties();
    ByteArrayOutputStream error = new ByteArrayOutputStream();
    System.setErr(new PrintStream(error, true, UTF_8));
    System.setProperties((Properties) properties.clone());
    try {
      assertThat(Main.execute(arguments)).as(String.join(" ", arguments)).isEqualTo(code);
    } finally {
      System.setProperties(properties);
      System.setErr(err);
      System.setOut(out);
    }
    assertThat(error.toString(UTF_8).lines())
        .as(String.join(" ", arguments))
        .singleElement()
        .asString()
        .contains(sentence);
  }

  @Test
  void reportsATakenPort() throws Exception {
    try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      int port = taken.getLocalPort();
      failsWith(
          1,
          "Port " + port + " is taken, perhaps by an earlier run: stop it, or add --port ",
          SMALL,
          "--port",
          Integer.toString(port));
    }
  }

  @Test
  void reportsAnErrorOfTheTemplate() throws Exception {
    Path wrong = folder.resolve("wrong.yaml");
    Files.writeString(wrong, "Resources: {Q: {Type: 'AWS::SQS::Queue', Properties: {A: !Ref B}}}");
    failsWith(1, "Resources.Q.Properties.A: there is no parameter or resource", wrong.toString());
    failsWith(1, "There is no template at", folder.resolve("none.yaml").toString());
  }

  @Test
  void reportsAnUnusableDataFolder() throws Exception {
    Path file = Files.createFile(folder.resolve("file"));
    failsWith(1, "The data folder " + file, SMALL, "--port", "0", "--data", file.toString());
  }

  @Test
  void reportsAWrongCommandLine() throws Exception {
    failsWith(2, "Unknown option: '--nonsense'", "--nonsense");
    failsWith(2, "--port", "--port", "many");
    failsWith(2, "--port must be between 0 and 65535", SMALL, "--port", "65536");
    failsWith(2, "--dynamodb-port must be between", SMALL, "--dynamodb-port", "-1");
    failsWith(2, "--sqs-port must be between", SMALL, "--sqs-port", "65536");
    failsWith(2, "--base-path must be a path such as /v1", SMALL, "--base-path", "v1");
    failsWith(2, "--slashes must be match or default", SMALL, "--slashes", "sometimes");
    failsWith(2, "--fail must be a function, such as", SMALL, "--fail", "Scripted=0");
    failsWith(
        1,
        "--fail: the template has no function Nobody. Its functions are Echo, Scripted, ",
        SMALL,
        "--port",
        "0",
        "--fail",
        "Nobody=2");
  }

  @Test
  void readsNoCredentialOrSettingOfTheMachine() throws Exception {
    Path broken = Files.writeString(folder.resolve("broken"), "[default]\nbroken line [[\n");
    Map<String, String> environment =
        Map.of(
            "AWS_SHARED_CREDENTIALS_FILE", broken.toString(), "AWS_CONFIG_FILE", broken.toString());
    try (ChildProcess child = ChildProcess.start(Main.class, environment, SMALL, "--port", "0")) {
      child.waitFor("Listening on ");
      child.stop();
      assertThat(child.error()).isEmpty();
    }
  }

  /** Handlers run in the command's own JVM, whose environment can't be changed. */
  @Test
  void handlersSeeTheEnginesButNoSettingOfTheDeveloper() throws Exception {
    Map<String, String> environment =
        Map.of(
            "AWS_ACCESS_KEY_ID", "AKIAIOSFODNN7EXAMPLE",
            "AWS_SECRET_ACCESS_KEY", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
            "AWS_SESSION_TOKEN", "token",
            "AWS_REGION", "eu-central-1",
            "AWS_PROFILE", "production",
            "AWS_ENDPOINT_URL", "http://127.0.0.1:9");
    for (Map<String, String> given : List.of(environment, Map.<String, String>of())) {
      try (ChildProcess child = ChildProcess.start(Main.class, given, GUARDED, "--port", "0")) {
        URI uri = listening(child);
        child.waitFor("Stop with Ctrl-C.");
        assertThat(get(uri, "/found"))
            .contains("\"tables\":[\"local-Things\"]", "\"queues\":1", "\"variables\":[]");
        child.stop();
        child.rest();
        assertThat(child.error()).isEmpty();
        assertThat(child.exitCode()).isEqualTo(143);
      }
    }
  }

  @Test
  void aRestartedCommandReturnsTheExitCode() throws Exception {
    try (ChildProcess child =
        ChildProcess.start(Main.class, Map.of("AWS_PROFILE", "production"), "--nonsense")) {
      assertThat(child.error()).contains("Unknown option: '--nonsense'");
      assertThat(child.exitCode()).isEqualTo(2);
    }
  }

  /** Nothing listens on port 9, so a call through the proxy fails. */
  @Test
  void usesNoProxyForThisMachine() throws Exception {
    String proxy = "http://127.0.0.1:9";
    Map<String, String> environment =
        Map.of(
            "HTTP_PROXY", proxy,
            "HTTPS_PROXY", proxy,
            "ALL_PROXY", proxy,
            "http_proxy", proxy,
            "https_proxy", proxy,
            "all_proxy", proxy,
            "JDK_JAVA_OPTIONS",
                "-Dhttp.proxyHost=127.0.0.1 -Dhttp.proxyPort=9 -Dhttp.nonProxyHosts=none");
    try (ChildProcess child = ChildProcess.start(Main.class, environment, GUARDED, "--port", "0")) {
      URI uri = listening(child);
      child.waitFor("Stop with Ctrl-C.");
      assertThat(get(uri, "/echo/1")).startsWith("HTTP/1.1 200");
      child.stop();
      assertThat(child.error().lines()).allMatch(line -> line.startsWith("NOTE: Picked up"));
    }
  }

  @Test
  void printsTheStateThenALinePerRequestAndStopsCleanly() throws Exception {
    try (ChildProcess child =
        ChildProcess.start(SMALL, "--port", "0", "--parameter", "Greeting=HELLO")) {
      String listening = child.waitFor("Listening on ");
      System.out.println(listening);
      assertThat(listening).doesNotContain("\u001b");
      URI uri = uri(listening);
      child.waitFor("GET     /things/{id}   Echo");
      child.waitFor("Schedules of EventBridge Scheduler, which do not run here: 1");
      child.waitFor("DynamoDB  http://127.0.0.1:");
      child.waitFor("table local-Things");
      child.waitFor("SQS       http://127.0.0.1:");
      child.waitFor("queue http://127.0.0.1:");
      child.waitFor("Stop with Ctrl-C.");

      assertThat(get(uri, "/things/1%1b")).contains("\"GREETING\":\"HELLO\"");
      assertThat(child.waitFor("/things/")).contains("GET /things/1%1b 200 ").endsWith("Echo");

      post(uri, "print:{\"level\":\"INFO\",\"message\":\"minor\"}");
      post(uri, "print:{\"level\":\"WARN\",\"message\":\"major\"}");
      post(uri, "throw");
      child.waitFor("POST /scripted 200");
      assertThat(child.waitFor("\"message\"")).contains("major");
      child.waitFor("Scripted failed");
      child.waitFor("at dev.asyncitems.local.handlers.Scripted");
      child.waitFor("POST /scripted 500");

      long begin = System.nanoTime();
      child.stop();
      String rest = child.rest();
      child.exitCode();
      assertThat(Duration.ofNanos(System.nanoTime() - begin)).isLessThan(Duration.ofSeconds(2));
      assertThat(rest).contains("Scripted is closed");
      assertThat(child.error()).isEmpty();
    }
  }

  @Test
  void aFunctionFailsAsOftenAsTheOptionSays() throws Exception {
    try (ChildProcess child =
        ChildProcess.start(SMALL, "--port", "0", "--fail", "Scripted=2", "--fail", "Ticker")) {
      URI uri = listening(child);
      child.waitFor("Scripted fails 2 times, because of --fail.");
      child.waitFor("Ticker fails until you turn it off at the page, because of --fail.");
      for (int again = 0; again < 2; again++) {
        post(uri, "print:never");
        assertThat(child.waitFor("Scripted failed"))
            .endsWith("InjectedFailure: failed on purpose, by --fail or at the page");
        assertThat(child.waitFor("POST /scripted ")).contains(" 500 ");
      }
      post(uri, "print:again");
      assertThat(child.waitFor("POST /scripted ")).contains(" 200 ");
      child.stop();
    }
  }

  @Test
  void enginesListenAtTheConfiguredAddress() throws Exception {
    String dynamoDb = freePort();
    String sqs = freePort();
    try (ChildProcess child =
        ChildProcess.start(
            SMALL,
            "--port",
            "0",
            "--engine-host",
            "127.0.0.2",
            "--dynamodb-port",
            dynamoDb,
            "--sqs-port",
            sqs)) {
      child.waitFor("DynamoDB  http://127.0.0.2:" + dynamoDb);
      child.waitFor("SQS       http://127.0.0.2:" + sqs);
      child.waitFor("queue http://127.0.0.2:" + sqs + "/");
      child.stop();
      assertThat(child.error()).isEmpty();
    }
  }

  @Test
  void reportsATakenPortOfAnEngine() throws Exception {
    try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      String port = Integer.toString(taken.getLocalPort());
      for (String option : List.of("--dynamodb-port", "--sqs-port")) {
        failsWith(1, "127.0.0.1:" + port, SMALL, "--port", "0", option, port);
        failsWith(
            1, "Choose another port, such as " + option + " ", SMALL, "--port", "0", option, port);
      }
    }
  }

  private static String freePort() throws Exception {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return Integer.toString(socket.getLocalPort());
    }
  }

  @Test
  void stopsWithItsParent() throws Exception {
    try (ChildProcess parent = ChildProcess.start(Parent.class, SMALL, "--port", "0")) {
      parent.waitFor("Stop with Ctrl-C.");
      parent.stop();
      assertThat(parent.rest()).as("its output until it ended").contains("Scripted is closed");
    }
  }

  private static URI listening(ChildProcess child) throws Exception {
    return uri(child.waitFor("Listening on "));
  }

  private static URI uri(String listening) {
    return URI.create(listening.replaceAll(".*(http:[^ ]+).*", "$1"));
  }

  private static String get(URI uri, String path) throws Exception {
    return exchange(
        uri, "GET " + path + " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
  }

  private static void post(URI uri, String body) throws Exception {
    List<String> head =
        List.of(
            "POST /scripted HTTP/1.1",
            "Host: localhost",
            "Connection: close",
            "Content-Type: text/plain",
            "Content-Length: " + body.length());
    String answer = exchange(uri, String.join("\r\n", head) + "\r\n\r\n" + body);
    assertThat(answer).startsWith("HTTP/1.1 ");
  }

  private static String exchange(URI uri, String request) throws Exception {
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), uri.getPort())) {
      socket.getOutputStream().write(request.getBytes(UTF_8));
      return new String(socket.getInputStream().readAllBytes(), UTF_8);
    }
  }
}

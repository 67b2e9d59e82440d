package dev.asyncitems.deadletters;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The command against a failing server: it ends, and one sentence says why. */
@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
final class TroubleIT {
  private static final List<String> OLD =
      IntStream.range(0, 25).mapToObj(i -> "it was there " + i).toList();

  /** The exit code and output of a command. */
  private record Outcome(int code, String out, String err) {}

  @BeforeAll
  static void credentials() {
    System.setProperty("aws.accessKeyId", "local");
    System.setProperty("aws.secretAccessKey", "local");
  }

  @AfterAll
  static void noCredentials() {
    System.clearProperty("aws.accessKeyId");
    System.clearProperty("aws.secretAccessKey");
  }

  static List<List<String>> commands() {
    return List.of(
        List.of("list"),
        List.of("list", "--json"),
        List.of("discard"),
        List.of("discard", "--yes"),
        List.of("replay"),
        List.of("replay", "--yes"),
        List.of("replay", "--force"),
        List.of("replay", "--force", "--yes", "--rate", "1000"));
  }

  @ParameterizedTest
  @MethodSource("commands")
  void everyCommandEndsWhileNewMessagesArrive(List<String> command) {
    try (AwsServer server = new AwsServer(OLD)) {
      Outcome outcome = run(server, command);

      assertThat(outcome.code()).isZero();
      assertThat(outcome.err())
          .hasLineCount(1)
          .startsWith("Skipped, because they arrived after the start");
      assertThat(outcome.out()).contains("it was there 0", "it was there 24");
      assertThat(outcome.out()).doesNotContain("it came");
      assertThat(server.sent().stream().flatMap(List::stream))
          .containsExactlyElementsOf(
              command.contains("--force") && command.contains("--yes") ? OLD : List.of());
    }
  }

  @Test
  void everyCommandEndsWhileDynamoDbThrottles() {
    try (AwsServer server = new AwsServer(List.of("{\"id\":\"" + UUID.randomUUID() + "\"}"))) {
      Outcome outcome = run(server, List.of("list"));

      assertThat(outcome.code()).isOne();
      assertThat(outcome.err()).hasLineCount(1).startsWith("DynamoDB throttles reads of the table");
    }
  }

  @Test
  void batchesStayWithinTheSizeLimit() {
    List<String> large =
        IntStream.of(100_000, 100_000, 100_000, 1_000_000, 200_000, 50_000, 20_000)
            .mapToObj("x"::repeat)
            .toList();
    try (AwsServer server = new AwsServer(large)) {
      assertThat(run(server, List.of("replay", "--force", "--yes", "--rate", "1000")).code())
          .isZero();

      assertThat(server.sent())
          .extracting(call -> call.stream().map(String::length).toList())
          .containsExactly(
              List.of(100_000, 100_000),
              List.of(100_000),
              List.of(1_000_000),
              List.of(200_000, 50_000),
              List.of(20_000));
    }
  }

  @ParameterizedTest
  @CsvSource({"0, 0", "1, 0", "2, 0", "3, 10", "4, 10", "5, 10", "6, 20"})
  void reportsABrokenConnection(int healthyCalls, int replayed) {
    try (AwsServer server = new AwsServer(OLD).trouble(healthyCalls, call -> call.close())) {
      Outcome outcome = run(server, List.of("replay", "--force", "--yes", "--rate", "1000"));

      assertFailed(outcome);
      assertThat(outcome.out().lines().filter(line -> line.startsWith("Replayed: ")).findFirst())
          .isEqualTo(replayed == 0 ? Optional.empty() : Optional.of("Replayed: " + replayed));
      assertThat(server.sent().stream().flatMap(List::stream)).doesNotHaveDuplicates();
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "200 ",
        "200 <html>a portal</html>",
        "200 {\"queueUrls\":",
        "200 {\"queueUrls\":7}",
        "200 [",
        "302 ",
        "403 ",
        "403 {\"__type\":\"AccessDenied\",\"message\":\"not\\nyou\"}",
        "500 <html>"
      })
  void reportsAnInvalidResponse(String answer) {
    int status = Integer.parseInt(answer.substring(0, 3));
    try (AwsServer server =
        new AwsServer(OLD)
            .trouble(0, call -> AwsServer.answer(call, status, answer.substring(4)))) {
      Outcome outcome = run(server, List.of("list"));

      assertThat(outcome.code()).isOne();
      assertThat(outcome.err()).hasLineCount(1).doesNotContain("Exception", "\tat ");
    }
  }

  /** After the failure, the process still tries to release the received messages. */
  @Test
  void aProcessWithABrokenConnectionPrintsOneSentence() throws Exception {
    try (AwsServer server = new AwsServer(OLD).trouble(2, call -> call.close())) {
      List<String> line =
          new ArrayList<>(
              List.of(
                  Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                  "-Daws.accessKeyId=local",
                  "-Daws.secretAccessKey=local",
                  "-cp",
                  System.getProperty("java.class.path"),
                  Main.class.getName()));
      line.addAll(arguments(server, List.of("list")));
      Process process =
          new ProcessBuilder(line).redirectOutput(ProcessBuilder.Redirect.DISCARD).start();
      List<String> err = process.errorReader().lines().toList();

      assertThat(process.waitFor()).isOne();
      assertThat(err).hasSize(1).first().asString().startsWith("The command failed: ");
    }
  }

  private static void assertFailed(Outcome outcome) {
    assertThat(outcome.code()).isOne();
    assertThat(outcome.err())
        .hasLineCount(1)
        .startsWith("The command failed: ")
        .doesNotContain("\tat ");
  }

  private static List<String> arguments(AwsServer server, List<String> command) {
    List<String> line = new ArrayList<>(command);
    line.addAll(List.of("--queue-url", server.queueUrl(), "--table", "Notifications"));
    line.addAll(List.of("--region", "eu-west-1", "--endpoint-url", server.url(), "--wait", "0"));
    return line;
  }

  private static Outcome run(AwsServer server, List<String> command) {
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    int code =
        Main.run(
            new PrintWriter(out, true),
            new PrintWriter(err, true),
            arguments(server, command).toArray(String[]::new));
    return new Outcome(code, out.toString(), err.toString());
  }
}

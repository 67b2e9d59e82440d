package dev.asyncitems.local;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import com.fasterxml.jackson.databind.JsonNode;
import com.sun.management.HotSpotDiagnosticMXBean;
import com.sun.management.HotSpotDiagnosticMXBean.ThreadDumpFormat;
import dev.asyncitems.local.handlers.Counted;
import dev.asyncitems.local.invocation.RunListener;
import dev.asyncitems.local.json.Json;
import java.io.IOException;
import java.io.PrintStream;
import java.lang.management.ManagementFactory;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A start that fails at any step closes everything that it has opened. */
class FailedStartIT {

  private static final Path SMALL = Path.of("src/test/resources/small.yaml");
  private static final Duration TIMEOUT = Duration.ofSeconds(10);

  /** Threads that the JVM starts for virtual threads and HTTP clients. */
  private static final Pattern OF_THE_JVM =
      Pattern.compile(
          "ForkJoinPool|MasterPoller|SubPoller|Read-Poller|Write-Poller|Keep-Alive-Timer");

  /** Jobs of DynamoDB Local sleep for ten seconds before they notice that it was shut down. */
  private static final String SLEEPING_JOB = "services.local.shared.jobs.NamedJob.sleepFor(";

  @TempDir Path folder;
  private final PrintStream out = System.out;
  private final Socket taken = new Socket();
  private int http;
  private int dynamoDb;
  private int sqs;
  private int issuer;
  private Map<String, String> threads = Map.of();

  /** Starts the threads that the JVM and the libraries keep for later runs. */
  @BeforeAll
  static void runOnce(@TempDir Path once) {
    LocalRun.of(SMALL).dataFolder(once).page().start().close();
  }

  /** Binds a socket that does not listen, so that its port is taken but does not answer. */
  @BeforeEach
  void takeOnePort() throws IOException {
    taken.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
    http = freePort();
    dynamoDb = freePort();
    sqs = freePort();
    issuer = freePort();
    threads = threads();
  }

  @AfterEach
  void giveItBack() throws IOException {
    taken.close();
  }

  @Test
  void anHttpPortThatIsTaken() throws Exception {
    http = taken.getLocalPort();
    Throwable failure =
        failsLeavingNothingOpen(run(template()), "Port " + http + " can't be used: ");
    assertThat(failure).hasMessageEndingWith(". Choose another one with --port.");
  }

  @Test
  void anAddressOfAnotherMachine() throws Exception {
    String host = "192.0.2.1"; // An address for documentation.
    failsLeavingNothingOpen(run(template()).engineHost(host), "DynamoDB Local can't listen on ");
    LocalRunBuilder run = run(template()).engineHost(host).enginePorts(0, 0);
    Throwable failure = failsLeavingNothingOpen(run, "Can't listen on any port of " + host + ": ");
    assertThat(failure).hasMessageEndingWith(". Choose another --engine-host.");
  }

  @Test
  void aDataFolderThatIsAFile() throws Exception {
    Path file = Files.createFile(folder.resolve("file"));
    failsLeavingNothingOpen(run(template()).dataFolder(file), "The data folder " + file);
  }

  @Test
  void aDataFolderThatAnotherRunUses() throws Exception {
    try (LocalRun other = LocalRun.of(SMALL).withoutFront().dataFolder(folder).start()) {
      String why = "The data folder " + folder + " is in use by another run.";
      assertThat(other.template().tables()).isNotEmpty();
      assertThat(catchThrowable(run(template())::start)).hasMessage(why);
      assertThatPortsAreFree();
    }
    assertThatFilesAreUnlocked();
  }

  @Test
  void aPortOfDynamoDbThatIsTaken() throws Exception {
    dynamoDb = taken.getLocalPort();
    failsLeavingNothingOpen(run(template()), "DynamoDB Local can't listen on 127.0.0.1:");
  }

  @Test
  void aPortOfDynamoDbInMemoryThatIsTaken() throws Exception {
    dynamoDb = taken.getLocalPort();
    LocalRunBuilder run =
        LocalRun.of(template()).port(http).enginePorts(dynamoDb, sqs).listener(RunListener.SILENT);
    failsLeavingNothingOpen(run, "DynamoDB Local can't listen on 127.0.0.1:");
  }

  @Test
  void aPortOfSqsThatIsTaken() throws Exception {
    sqs = taken.getLocalPort();
    Throwable failure =
        failsLeavingNothingOpen(run(template()), "ElasticMQ can't listen on 127.0.0.1:");
    assertThat(failure).hasMessageContaining("--sqs-port ").hasMessageContaining("--engine-host");
  }

  @Test
  void aFileOfQueuesThatCantBeOpened() throws Exception {
    Files.createDirectory(folder.resolve("queues.mv.db"));
    failsLeavingNothingOpen(run(template()), "The queues' file in " + folder);
  }

  @Test
  void aTableThatShouldExistAndDoesnt() throws Exception {
    Path uses =
        template(
            "\n  Jobs:\n    Type: AWS::SQS::Queue",
            """

              Role:
                Type: AWS::IAM::Role
                Properties:
                  Policies:
                    - PolicyDocument:
                        Statement:
                          - Resource:
                              - !GetAtt Things.Arn
                              - arn:aws:dynamodb:us-east-1:000000000000:table/local-Others/index/byKind
                              - arn:aws:dynamodb:us-east-1:000000000000:table/local-*
              Jobs:
                Type: AWS::SQS::Queue\
            """);
    failsLeavingNothingOpen(
        run(uses),
        "The template uses the table local-Others but does not create it, and there is none at"
            + " http://127.0.0.1:"
            + dynamoDb
            + ". ");

    Path creates =
        template(
            "  Things:\n",
            """
              Others:
                Type: AWS::DynamoDB::Table
                Properties:
                  AttributeDefinitions: [{AttributeName: id, AttributeType: S}]
                  KeySchema: [{AttributeName: id, KeyType: HASH}]
              Things:
            """);
    try (LocalRun run = LocalRun.of(creates).withoutFront().dataFolder(folder).start()) {
      assertThat(run.template().tables()).hasSize(2);
    }
    try (LocalRun run = run(uses).start()) {
      assertThat(run.template().tables()).hasSize(1);
    }
    assertThatNothingIsOpen();
  }

  @Test
  void aQueueThatCantBeCreated() throws Exception {
    Path circle =
        template(
            "MessageRetentionPeriod: 1209600",
            "RedrivePolicy: {deadLetterTargetArn: !GetAtt Jobs.Arn, maxReceiveCount: 2}");
    failsLeavingNothingOpen(run(circle), "The queues' redrive policies form a cycle.");
  }

  @Test
  void aHandlerClassThatIsMissing() throws Exception {
    Path missing = template("handlers.Echo", "handlers.Missing");
    failsLeavingNothingOpen(run(missing), "Resources.Echo.Properties.Handler: the class ");
  }

  @Test
  void anIssuersPortThatIsTaken() throws Exception {
    issuer = taken.getLocalPort();
    String why = "No token issuer answers at http://127.0.0.1:" + issuer;
    Throwable failure =
        failsLeavingNothingOpen(run(template()), why + ", and the run can't start one there: ");
    assertThat(failure).hasMessageContaining("--parameter JwtIssuer=");
  }

  @Test
  void aClockThatFailsWhenTheSchedulesAskIt() throws Exception {
    Clock broken =
        new Clock() {
          @Override
          public ZoneId getZone() {
            return ZoneOffset.UTC;
          }

          @Override
          public Clock withZone(ZoneId zone) {
            return this;
          }

          @Override
          public Instant instant() {
            throw new IllegalStateException("no time");
          }
        };
    failsLeavingNothingOpen(run(template()).clock(broken), "no time");
  }

  @Test
  void anErrorAtTheLastStep() throws Exception {
    RunListener broken =
        new RunListener() {
          @Override
          public void trouble(String sentence) {
            throw new AssertionError(sentence);
          }
        };
    failsLeavingNothingOpen(
        run(template()).basePath("/v1").listener(broken),
        "Links in responses may lack the base path /v1");
  }

  @Test
  void anInterrupt() throws Exception {
    Thread.currentThread().interrupt();
    try {
      Throwable failure = catchThrowable(run(template())::start);
      assertThat(failure).hasMessage("The start was interrupted.");
    } finally {
      assertThat(Thread.interrupted()).isTrue();
    }
    assertThatNothingIsOpen();
  }

  private LocalRunBuilder run(Path template) {
    return LocalRun.of(template)
        .port(http)
        .enginePorts(dynamoDb, sqs)
        .dataFolder(folder)
        .parameter("Issuer", "http://127.0.0.1:" + issuer)
        .page()
        .listener(RunListener.SILENT);
  }

  /** Returns the small template with handlers that count, and one text replaced by another. */
  private Path template(String... replacement) throws IOException {
    String text = Files.readString(SMALL).replace("handlers.Ticker", "handlers.Counted");
    if (replacement.length == 2) {
      assertThat(text).contains(replacement[0]);
      text = text.replace(replacement[0], replacement[1]);
    }
    return Files.writeString(Files.createTempFile(folder, "template", ".yaml"), text);
  }

  private Throwable failsLeavingNothingOpen(LocalRunBuilder run, String why) throws Exception {
    Throwable failure = catchThrowable(run::start);
    assertThat(failure).hasMessageStartingWith(why);
    assertThat(failure.getSuppressed()).isEmpty();
    assertThatNothingIsOpen();
    return failure;
  }

  private void assertThatNothingIsOpen() throws Exception {
    assertThat(newThreads()).isEmpty();
    assertThat(Counted.OPEN).as("open handlers").hasValue(0);
    assertThat(System.out).isSameAs(out);
    assertThatPortsAreFree();
    assertThatFilesAreUnlocked();
  }

  private void assertThatPortsAreFree() throws IOException {
    taken.close();
    for (int port : List.of(http, dynamoDb, sqs, issuer)) {
      new ServerSocket(port, 1, InetAddress.getLoopbackAddress()).close();
    }
  }

  private void assertThatFilesAreUnlocked() throws IOException {
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE);
            FileLock lock = channel.tryLock()) {
          assertThat(lock).as(file.toString()).isNotNull();
        }
      }
    }
  }

  /** Returns the threads of this test that do not end within {@link #TIMEOUT}. */
  private Map<String, String> newThreads() throws IOException {
    long deadline = System.nanoTime() + TIMEOUT.toNanos();
    Map<String, String> now = threads();
    while (!threads.keySet().containsAll(now.keySet()) && System.nanoTime() < deadline) {
      now = threads();
    }
    now.keySet().removeAll(threads.keySet());
    return now;
  }

  /** Returns the names of the threads by their ids, including virtual threads. */
  private static Map<String, String> threads() throws IOException {
    Path dump = Files.createTempDirectory("threads").resolve("dump.json");
    ManagementFactory.getPlatformMXBean(HotSpotDiagnosticMXBean.class)
        .dumpThreads(dump.toString(), ThreadDumpFormat.JSON);
    Map<String, String> names = new HashMap<>();
    for (JsonNode container :
        Json.read(Files.readAllBytes(dump)).path("threadDump").path("threadContainers")) {
      for (JsonNode thread : container.path("threads")) {
        String name = thread.path("name").asText();
        if (!OF_THE_JVM.matcher(name).lookingAt()
            && !thread.path("stack").toString().contains(SLEEPING_JOB)) {
          names.put(thread.path("tid").asText(), name);
        }
      }
    }
    Files.delete(dump);
    Files.delete(dump.getParent());
    return names;
  }

  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }
}

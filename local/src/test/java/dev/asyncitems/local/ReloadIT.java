package dev.asyncitems.local;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.asyncitems.local.invocation.RunListener;
import dev.asyncitems.local.reload.ClassFolders;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import javax.tools.JavaCompiler;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import software.amazon.awssdk.services.dynamodb.DynamoDbClient;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;

/** A function that is recompiled while it runs. */
public class ReloadIT {

  /** Events of the function's versions, which share no class with each other. */
  public static final BlockingQueue<String> EVENTS = new LinkedBlockingQueue<>();

  /** Releases a waiting invocation. */
  public static final CountDownLatch GO = new CountDownLatch(1);

  private static final String TEMPLATE =
      """
      Resources:
        Fixture:
          Type: AWS::Serverless::Function
          Properties: {Handler: fixture.Fixture, Timeout: 30}
        Things:
          Type: AWS::DynamoDB::Table
          Properties:
            AttributeDefinitions: [{AttributeName: id, AttributeType: S}]
            KeySchema: [{AttributeName: id, KeyType: HASH}]
      """;

  private static final String FIXTURE =
      """
      package fixture;
      import com.amazonaws.services.lambda.runtime.*;
      import dev.asyncitems.local.ReloadIT;
      import java.io.*;
      public class Fixture implements RequestStreamHandler, AutoCloseable {
        public void handleRequest(InputStream in, OutputStream out, Context context)
            throws IOException {
          if (in.read() == 'w') {
            ReloadIT.EVENTS.add("waits");
            try { ReloadIT.GO.await(); } catch (InterruptedException e) { throw new IOException(e); }
          }
          out.write(Answer.text().getBytes());
        }
        public void close() { ReloadIT.EVENTS.add("closed " + Answer.text()); }
      }
      """;

  @TempDir Path folder;

  private final BlockingQueue<String> events = new LinkedBlockingQueue<>();

  private final class Listener implements RunListener {
    @Override
    public void reloaded(int functions, Duration time) {
      events.add("reloaded " + functions);
    }

    @Override
    public void notCompiled(List<String> errors) {
      events.add(String.join("\n", errors));
    }

    @Override
    public void trouble(String sentence) {
      events.add(sentence);
    }
  }

  private Path classes() throws Exception {
    return Files.createDirectories(folder.resolve("classes"));
  }

  private void compile(String answer) throws Exception {
    compile(answer, Files.createDirectories(folder.resolve("sources")), classes());
  }

  private static Path write(String answer, Path sources) throws Exception {
    return Files.writeString(
        sources.resolve("Answer.java"),
        "package fixture; class Answer { static String text() { return \"" + answer + "\"; } }");
  }

  private static void compile(String answer, Path sources, Path classes) throws Exception {
    Path fixture = Files.writeString(sources.resolve("Fixture.java"), FIXTURE);
    Path text = write(answer, sources);
    JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
    int failed =
        compiler.run(
            null,
            null,
            null,
            "-proc:none",
            "-cp",
            System.getProperty("java.class.path"),
            "-d",
            classes.toString(),
            fixture.toString(),
            text.toString());
    assertThat(failed).isZero();
  }

  private static String next(BlockingQueue<String> queue) throws InterruptedException {
    return Recording.next(queue);
  }

  private Path template() throws Exception {
    return Files.writeString(folder.resolve("template.yaml"), TEMPLATE);
  }

  @Test
  void recompiledClassesAreReloadedAndEverythingElseStays() throws Exception {
    EVENTS.clear();
    compile("one");
    Path template = template();
    try (LocalRun run =
            LocalRun.of(template)
                .reloading(new ClassFolders(List.of(classes())))
                .listener(new Listener())
                .start();
        DynamoDbClient dynamoDb = AwsClients.dynamoDb(run.dynamoDbEndpoint())) {
      dynamoDb.putItem(
          r -> r.tableName(run.tableName("Things")).item(Map.of("id", AttributeValue.fromS("a"))));
      assertThat(call(run, "x")).isEqualTo("one");
      CompletableFuture<String> inFlight = CompletableFuture.supplyAsync(() -> call(run, "wait"));
      assertThat(next(EVENTS)).isEqualTo("waits");

      compile("two");
      assertThat(next(events)).isEqualTo("reloaded 1");
      assertThat(call(run, "x")).isEqualTo("two");
      assertThat(EVENTS).as("the handler before is in use").isEmpty();
      GO.countDown();
      assertThat(inFlight.get(20, TimeUnit.SECONDS)).isEqualTo("one");
      assertThat(next(EVENTS)).isEqualTo("closed one");

      Files.writeString(classes().resolve("fixture/Fixture.class"), "no class");
      assertThat(next(events))
          .startsWith("Not reloaded, the previous classes stay in use: ")
          .contains("Resources.Fixture", "fixture.Fixture can't be loaded");
      assertThat(call(run, "x")).isEqualTo("two");

      compile("three");
      assertThat(next(events)).isEqualTo("reloaded 1");
      assertThat(next(EVENTS)).isEqualTo("closed two");
      assertThat(call(run, "x")).isEqualTo("three");
      assertThat(dynamoDb.scan(r -> r.tableName(run.tableName("Things"))).count()).isEqualTo(1);

      Files.writeString(template, TEMPLATE + "# changed\n");
      assertThat(next(events)).isEqualTo("template.yaml has changed: restart the run to apply it.");
    }
    assertThat(next(EVENTS)).isEqualTo("closed three");
  }

  @Test
  void changedSourcesAreCompiledInMemory() throws Exception {
    Path sources = Files.createDirectories(folder.resolve("src/main/java/fixture"));
    Path built = Files.createDirectories(folder.resolve("target/classes"));
    compile("one", sources, built);
    byte[] before = Files.readAllBytes(built.resolve("fixture/Answer.class"));
    try (LocalRun run =
        LocalRun.of(template())
            .reloading(new ClassFolders(List.of(built)))
            .listener(new Listener())
            .start()) {
      assertThat(call(run, "x")).isEqualTo("one");

      write("two", sources);
      assertThat(next(events)).isEqualTo("reloaded 1");
      assertThat(call(run, "x")).isEqualTo("two");

      Files.writeString(
          sources.resolve("Answer.java"), "package fixture;\nclass Answer { int x = y; }");
      assertThat(next(events))
          .startsWith("Answer.java:2: cannot find symbol")
          .contains("\nFixture.java:12: cannot find symbol");
      assertThat(call(run, "x")).isEqualTo("two");

      write("three", sources);
      assertThat(next(events)).isEqualTo("reloaded 1");
      assertThat(call(run, "x")).isEqualTo("three");
      assertThat(built.resolve("fixture/Answer.class")).hasBinaryContent(before);

      compile("four", sources, built);
      assertThat(next(events)).isEqualTo("reloaded 1");
      assertThat(call(run, "x")).isEqualTo("four");
    }
  }

  @Test
  void saysWhenAClassIsOutdatedOrUnreadable() throws Exception {
    Path sources = Files.createDirectories(folder.resolve("src/main/java/fixture"));
    Path built = Files.createDirectories(folder.resolve("target/classes"));
    compile("one", sources, built);
    try (LocalRun _ =
        LocalRun.of(template())
            .reloading(new ClassFolders(List.of(built)))
            .listener(new Listener())
            .start()) {
      Files.delete(sources.resolve("Answer.java"));
      assertThat(next(events))
          .isEqualTo(
              "Answer.java was deleted, but its class stays in use: run mvn compile to remove it.");
      assertThat(next(events)).isEqualTo("reloaded 1");

      Files.writeString(built.resolve("fixture/Answer.class"), "no class");
      Path source = write("two", sources);
      Files.setLastModifiedTime(source, FileTime.fromMillis(System.currentTimeMillis() + 5_000));
      assertThat(next(events))
          .startsWith("Not reloaded, the previous classes stay in use until the next change: ");
      assertThat(events.poll(2, TimeUnit.SECONDS)).as("again").isNull();
    }
  }

  /** Compilers delete classes before they write them. The state in between must not be loaded. */
  @Test
  void waitsForAMissingHandlerClass() throws Exception {
    compile("one");
    try (LocalRun run =
        LocalRun.of(template())
            .reloading(new ClassFolders(List.of(classes())))
            .listener(new Listener())
            .start()) {
      Files.delete(classes().resolve("fixture/Fixture.class"));
      assertThat(call(run, "x")).as("it is loaded late, and was kept").isEqualTo("one");
      assertThat(events.poll(2, TimeUnit.SECONDS)).isNull();
      compile("two");
      assertThat(next(events)).isEqualTo("reloaded 1");
      assertThat(call(run, "x")).isEqualTo("two");
    }
  }

  @Test
  void theCommandReloadsItsClassPathByDefault() throws Exception {
    compile("one");
    try (ChildProcess child =
        ChildProcess.start(Main.class, Map.of(), classes(), template().toString(), "--port", "0")) {
      assertThat(child.waitFor("To watch it")).matches(".*http://127\\.0\\.0\\.1:\\d+/_local/");
      child.waitFor("Stop with Ctrl-C.");
      compile("two");
      assertThat(child.waitFor("reloaded")).contains("reloaded 1 function ");
    }
    try (ChildProcess child =
        ChildProcess.start(
            Main.class,
            Map.of(),
            classes(),
            template().toString(),
            "--port",
            "0",
            "--no-reload",
            "--no-page")) {
      child.waitFor("Stop with Ctrl-C.");
      child.stop();
      assertThat(child.seen()).noneMatch(line -> line.contains("/_local/"));
    }
  }

  private static String call(LocalRun run, String event) {
    return new String(run.invoke("Fixture", event.getBytes(UTF_8)), UTF_8);
  }
}

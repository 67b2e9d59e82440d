package dev.asyncitems.system;

import dev.asyncitems.local.Main;
import java.io.BufferedReader;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The local run in its own process.
 *
 * @param uri the address of the API
 * @param dynamoDb the engine's endpoint
 */
record ChildRun(Process process, URI uri, URI dynamoDb) implements AutoCloseable {
  private static final Pattern LISTENING = Pattern.compile("Listening on (\\S+)");
  private static final Pattern DYNAMODB = Pattern.compile("DynamoDB +(http\\S+)");
  private static final long PATIENCE_SECONDS = 60;

  /**
   * Starts a run on a free port.
   *
   * @param environment variables in addition to the variables of this process
   */
  static ChildRun start(Map<String, String> environment, String... arguments) throws Exception {
    List<String> command =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--enable-native-access=ALL-UNNAMED",
                "--sun-misc-unsafe-memory-access=allow",
                Main.class.getName(),
                System.getProperty("template"),
                "--parameter=Access=open",
                "--port=0"));
    command.addAll(List.of(arguments));
    ProcessBuilder builder = new ProcessBuilder(command);
    // The class path is too long for a command line on Windows.
    builder.environment().put("CLASSPATH", System.getProperty("java.class.path"));
    // With one of these variables, the command restarts itself, and a kill would miss the run.
    builder.environment().keySet().removeIf(name -> name.matches("AWS_.*|(?i).*_proxy"));
    builder.environment().putAll(environment);
    builder.redirectErrorStream(true);
    Process process = builder.start();
    CompletableFuture<URI> uri = new CompletableFuture<>();
    CompletableFuture<URI> dynamoDb = new CompletableFuture<>();
    Thread.ofVirtual()
        .start(() -> {
          StringBuilder said = new StringBuilder();
          try (BufferedReader out = process.inputReader(StandardCharsets.UTF_8)) {
            for (String line = out.readLine(); line != null; line = out.readLine()) {
              said.append(line).append('\n');
              find(LISTENING, line).ifPresent(uri::complete);
              find(DYNAMODB, line).ifPresent(dynamoDb::complete);
            }
          } catch (IOException e) {
            said.append(e);
          }
          uri.completeExceptionally(new IllegalStateException(said.toString()));
          dynamoDb.completeExceptionally(new IllegalStateException(said.toString()));
        });
    return new ChildRun(
        process,
        uri.get(PATIENCE_SECONDS, TimeUnit.SECONDS),
        dynamoDb.get(PATIENCE_SECONDS, TimeUnit.SECONDS));
  }

  private static Optional<URI> find(Pattern pattern, String line) {
    Matcher matcher = pattern.matcher(line);
    return matcher.find() ? Optional.of(URI.create(matcher.group(1))) : Optional.empty();
  }

  /** Kills the process like {@code kill -9}. */
  void kill() {
    process.destroyForcibly().onExit().join();
  }

  @Override
  public void close() {
    kill();
  }
}

package dev.asyncitems.local;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** The command in its own JVM, as a developer starts it. */
final class ChildProcess implements AutoCloseable {

  private final Process process;
  private final BufferedReader out;
  private final List<String> seen = new ArrayList<>();

  private ChildProcess(Process process) {
    this.process = process;
    this.out = process.inputReader(UTF_8);
  }

  static ChildProcess start(String... arguments) throws IOException {
    return start(Main.class, arguments);
  }

  static ChildProcess start(Class<?> main, String... arguments) throws IOException {
    return start(main, Map.of(), arguments);
  }

  static ChildProcess start(Class<?> main, Map<String, String> environment, String... arguments)
      throws IOException {
    return start(main, environment, Path.of("none"), arguments);
  }

  /** Starts the command with a folder first on its class path. */
  static ChildProcess start(
      Class<?> main, Map<String, String> environment, Path classes, String... arguments)
      throws IOException {
    List<String> command =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--enable-native-access=ALL-UNNAMED",
                "--sun-misc-unsafe-memory-access=allow",
                "-XX:TieredStopAtLevel=1",
                "-XX:+UseSerialGC",
                "-cp",
                classes + File.pathSeparator + System.getProperty("java.class.path"),
                main.getName()));
    command.addAll(List.of(arguments));
    ProcessBuilder builder = new ProcessBuilder(command);
    builder.environment().keySet().removeIf(name -> name.matches("(?i).*_proxy"));
    builder.environment().putAll(environment);
    return new ChildProcess(builder.start());
  }

  /** Reads until a line contains the text, and returns that line. */
  String waitFor(String text) throws IOException {
    for (String line = out.readLine(); line != null; line = out.readLine()) {
      seen.add(line);
      if (line.contains(text)) {
        return line;
      }
    }
    throw new AssertionError("it ended without '" + text + "': " + seen + error());
  }

  /** Returns the lines of output read so far. */
  List<String> seen() {
    return seen;
  }

  /** Waits for the process to end and returns its exit code. */
  int exitCode() throws InterruptedException {
    if (!process.waitFor(60, TimeUnit.SECONDS)) {
      throw new AssertionError("it goes on for over 60 s");
    }
    return process.exitValue();
  }

  String error() throws IOException {
    return new String(process.getErrorStream().readAllBytes(), UTF_8);
  }

  /** Returns the rest of the output. */
  String rest() throws IOException {
    StringBuilder rest = new StringBuilder();
    for (String line = out.readLine(); line != null; line = out.readLine()) {
      rest.append(line).append('\n');
    }
    return rest.toString();
  }

  /** Stops the process like Ctrl-C or SIGTERM. */
  void stop() {
    process.toHandle().destroy(); // Process.destroy() would also close the streams
  }

  /** Kills the process like {@code kill -9}. */
  void kill() throws InterruptedException {
    process.destroyForcibly().waitFor();
  }

  @Override
  public void close() {
    process.destroyForcibly();
  }
}

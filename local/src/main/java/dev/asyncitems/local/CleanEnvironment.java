package dev.asyncitems.local;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Keeps the developer's {@code AWS_*} variables from handlers, which would call AWS with them if
 * they built a client of their own. A JVM can't change its environment, so the command starts
 * itself again without them.
 */
final class CleanEnvironment {

  private static final String PREFIX = "AWS_";

  private CleanEnvironment() {}

  /** Whether a handler would find none of them. */
  static boolean isThere() {
    return System.getenv().keySet().stream().noneMatch(CleanEnvironment::isKept);
  }

  private static boolean isKept(String name) {
    return name.regionMatches(true, 0, PREFIX, 0, PREFIX.length()); // Windows ignores case
  }

  /** Runs the command in another JVM until it ends, and gives its exit code. */
  static int run(String[] args) throws InterruptedException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(ManagementFactory.getRuntimeMXBean().getInputArguments());
    command.add("-D" + Main.STOP_WITH_PARENT + "=true");
    command.add("-classpath");
    command.add(System.getProperty("java.class.path"));
    command.add(Main.class.getName());
    command.addAll(List.of(args));
    ProcessBuilder builder = new ProcessBuilder(command).inheritIO();
    builder.environment().keySet().removeIf(CleanEnvironment::isKept);
    Process process;
    try {
      process = builder.start();
    } catch (IOException e) {
      System.err.println(
          "The run can't be started without the variables AWS_* of this shell: unset them. "
              + e.getMessage());
      return 1;
    }
    Runtime.getRuntime().addShutdownHook(new Thread(() -> stop(process), "stop"));
    return process.waitFor();
  }

  private static void stop(Process process) {
    process.destroy();
    try {
      process.waitFor();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}

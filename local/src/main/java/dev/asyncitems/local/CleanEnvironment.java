package dev.asyncitems.local;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * A launcher that runs the command in a second JVM, without {@code AWS_*} variables and without a
 * proxy for loopback addresses. With the developer's variables, SDK clients in handlers could call
 * AWS. A JVM cannot change its own environment.
 */
final class CleanEnvironment {

  private static final String PREFIX = "AWS_";
  private static final List<String> NO_PROXY = List.of("NO_PROXY", "no_proxy");
  private static final List<String> LOOPBACK = List.of("localhost", "127.0.0.1", "::1", "[::1]");

  private CleanEnvironment() {}

  /** Returns whether this process has no {@code AWS_*} variables and no proxy for loopback. */
  static boolean isThere() {
    Map<String, String> environment = System.getenv();
    boolean proxied =
        environment.keySet().stream()
            .anyMatch(name -> name.toLowerCase(Locale.ROOT).matches("(https?|all)_proxy"));
    return environment.keySet().stream().noneMatch(CleanEnvironment::isKept)
        && (!proxied || unproxied(environment).containsAll(LOOPBACK));
  }

  private static Set<String> unproxied(Map<String, String> environment) {
    return NO_PROXY.stream()
        .flatMap(name -> Stream.of(environment.getOrDefault(name, "").split(",", -1)))
        .map(String::strip)
        .filter(host -> !host.isEmpty())
        .collect(Collectors.toCollection(LinkedHashSet::new));
  }

  private static boolean isKept(String name) {
    return name.regionMatches(true, 0, PREFIX, 0, PREFIX.length()); // Windows ignores case.
  }

  /** Runs the command in another JVM, waits for it and returns its exit code. */
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
    Map<String, String> environment = builder.environment();
    environment.keySet().removeIf(CleanEnvironment::isKept);
    Set<String> unproxied = unproxied(environment);
    unproxied.addAll(LOOPBACK);
    NO_PROXY.forEach(name -> environment.put(name, String.join(",", unproxied)));
    Process process;
    try {
      process = builder.start();
    } catch (IOException e) {
      System.err.println(
          "Failed to start a process without this shell's variables AWS_* and *_PROXY: unset"
              + " them. "
              + e.getMessage());
      return 1;
    }
    Runtime.getRuntime().addShutdownHook(new Thread(() -> stop(process), "stop"));
    return process.waitFor();
  }

  // Uses waitFor(), because onExit() needs a thread of the common pool. A thread of that pool may
  // have called System.exit() and now wait for this hook.
  private static void stop(Process process) {
    process.destroy();
    try {
      process.waitFor();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}

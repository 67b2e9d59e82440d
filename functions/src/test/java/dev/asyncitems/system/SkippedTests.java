package dev.asyncitems.system;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.jspecify.annotations.Nullable;
import org.junit.platform.engine.TestExecutionResult;
import org.junit.platform.engine.support.descriptor.ClassSource;
import org.junit.platform.engine.support.descriptor.MethodSource;
import org.junit.platform.launcher.LauncherSession;
import org.junit.platform.launcher.LauncherSessionListener;
import org.junit.platform.launcher.TestExecutionListener;
import org.junit.platform.launcher.TestIdentifier;

/**
 * Lists the skipped tests of a JVM with their reasons in {@code target/skipped-tests}. Fails the
 * build if a reason is another than that the test is not applicable. A session of the launcher is
 * as long as the JVM of the tests. JUnit finds this class by its name in {@code META-INF/services}.
 */
public final class SkippedTests implements LauncherSessionListener, TestExecutionListener {
  private static final Path FOLDER = Path.of("target", "skipped-tests");

  private final Queue<String> skipped = new ConcurrentLinkedQueue<>();
  private final Queue<String> others = new ConcurrentLinkedQueue<>();

  @Override
  public void launcherSessionOpened(LauncherSession session) {
    session.getLauncher().registerTestExecutionListeners(this);
  }

  @Override
  public void executionSkipped(TestIdentifier test, String reason) {
    add(test, reason);
  }

  @Override
  public void executionFinished(TestIdentifier test, TestExecutionResult result) {
    if (result.getStatus() == TestExecutionResult.Status.ABORTED) {
      add(test, result.getThrowable().map(Throwable::getMessage).orElse(null));
    }
  }

  private void add(TestIdentifier test, @Nullable String reason) {
    String line = name(test) + ": " + Objects.requireNonNullElse(reason, "no reason");
    skipped.add(line);
    if (!isNotApplicable(reason)) {
      others.add(line);
    }
  }

  /**
   * Returns whether a test is skipped because it is not applicable. JUnit may put words of its own
   * before the reason.
   */
  static boolean isNotApplicable(@Nullable String reason) {
    return reason != null && reason.contains("not applicable to ");
  }

  @Override
  public void launcherSessionClosed(LauncherSession session) {
    try {
      Files.createDirectories(FOLDER);
      Files.write(FOLDER.resolve(System.getProperty("fork", "tests") + ".txt"), skipped);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    if (!others.isEmpty()) {
      throw new IllegalStateException(
          "Only a test that is not applicable to the engine, the gateway or the machine may be"
              + " skipped, with a reason that says so. These have other reasons: "
              + String.join("; ", others));
    }
  }

  private static String name(TestIdentifier test) {
    return switch (test.getSource().orElse(null)) {
      case MethodSource method -> simple(method.getClassName()) + "." + method.getMethodName();
      case ClassSource type -> simple(type.getClassName());
      case null, default -> test.getDisplayName();
    };
  }

  private static String simple(String className) {
    return className.substring(className.lastIndexOf('.') + 1);
  }
}

package dev.asyncitems.local.reload;

import dev.asyncitems.local.reload.ClassFolders.Stamp;
import dev.asyncitems.local.template.Function;
import dev.asyncitems.local.template.Template;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * Looks at the class folders twice a second, and hands over a new class loader once they changed
 * and then stood still for a look, so that a build that is under way isn't taken. Compilers delete
 * first and write later: while a handler's class isn't there it waits. Thread-safe.
 */
public final class Reloader implements AutoCloseable {

  private static final Duration PERIOD = Duration.ofMillis(500);

  /** For so many looks a build may take before it is told that a class is missing. */
  private static final int PATIENCE = 60;

  private final ClassFolders folders;
  private final Path template;
  private final List<String> handlers;
  private final Listener listener;
  private final ScheduledExecutorService thread =
      Executors.newSingleThreadScheduledExecutor(
          Thread.ofPlatform().daemon().name("reload").factory());
  private Map<Path, Stamp> taken;
  private Map<Path, Stamp> seen;
  private Optional<FileTime> templateSeen;
  private int looksInVain;

  /** Is told what became of changes. */
  public interface Listener {

    /** All functions were made anew, which took that time. */
    void reloaded(int functions, Duration time);

    /** Why something was not taken up; a sentence. */
    void trouble(String sentence);
  }

  /**
   * Begins to look when started.
   *
   * @param folders what is looked at; what changes from now on is taken up
   * @param file the template's
   */
  public Reloader(ClassFolders folders, Path file, Template template, Listener listener) {
    this.folders = folders;
    this.template = file;
    this.listener = listener;
    this.handlers =
        template.functions().stream().map(Function::handler).filter(folders::hold).toList();
    this.taken = folders.stamps();
    this.seen = taken;
    this.templateSeen = modified(file);
  }

  /**
   * Begins to look.
   *
   * @param taker makes the handlers anew; if it throws, those before go on
   */
  public void start(Consumer<ClassLoader> taker) {
    var _ =
        thread.scheduleWithFixedDelay(
            () -> look(taker), PERIOD.toMillis(), PERIOD.toMillis(), TimeUnit.MILLISECONDS);
  }

  private void look(Consumer<ClassLoader> taker) {
    try {
      lookAtTemplate();
      lookAtClasses(taker);
    } catch (RuntimeException e) { // or it would be the last look
      listener.trouble("The class folders can't be read: " + e);
    }
  }

  private void lookAtTemplate() {
    Optional<FileTime> now = modified(template);
    if (now.isPresent() && !now.equals(templateSeen)) {
      templateSeen = now;
      listener.trouble(template.getFileName() + " has changed: restart to take that up.");
    }
  }

  private static Optional<FileTime> modified(Path file) {
    try {
      return Optional.of(Files.getLastModifiedTime(file));
    } catch (IOException e) {
      return Optional.empty(); // an editor is saving it
    }
  }

  private void lookAtClasses(Consumer<ClassLoader> taker) {
    Map<Path, Stamp> now = folders.stamps();
    boolean still = now.equals(seen);
    seen = now;
    if (now.equals(taken) || !still) {
      looksInVain = 0;
      return;
    }
    Optional<String> missing = handlers.stream().filter(type -> !folders.hold(type)).findFirst();
    if (missing.isPresent()) {
      looksInVain++;
      if (looksInVain == PATIENCE) {
        listener.trouble(
            "Not reloaded: there is no class " + missing.get() + ". The code before goes on.");
      }
      return;
    }
    long begin = System.nanoTime();
    ClassLoader classes = folders.load();
    if (folders.stamps().equals(now)) {
      taken = now;
      take(taker, classes, begin);
    }
  }

  private void take(Consumer<ClassLoader> taker, ClassLoader classes, long begin) {
    try {
      taker.accept(classes);
    } catch (RuntimeException | LinkageError e) {
      listener.trouble("Not reloaded, the code before goes on: " + e.getMessage());
      return;
    }
    listener.reloaded(handlers.size(), Duration.ofNanos(System.nanoTime() - begin));
  }

  @Override
  public void close() {
    thread.shutdownNow();
  }
}

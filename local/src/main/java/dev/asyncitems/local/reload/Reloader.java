package dev.asyncitems.local.reload;

import dev.asyncitems.local.invocation.RunListener;
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
import javax.tools.ToolProvider;

/**
 * A watcher of the class folders and their sources that reloads the functions after a change. It
 * checks twice a second. It compiles and reloads when the next check finds no further change. While
 * a handler's class is missing, it waits, because compilers delete classes before they write them.
 * Thread-safe.
 */
public final class Reloader implements AutoCloseable {

  private static final Duration PERIOD = Duration.ofMillis(500);

  /** The number of consecutive checks with a missing class until a warning. */
  private static final int MISSING_LIMIT = 60;

  private final ClassFolders folders;
  private final SourceCompiler compiler;
  private final Path template;
  private final List<String> handlers;
  private final RunListener listener;
  private final ScheduledExecutorService thread =
      Executors.newSingleThreadScheduledExecutor(
          Thread.ofPlatform().daemon().name("reload").factory());
  private Map<Path, Stamp> loaded;
  private Map<Path, Stamp> seen;
  private Optional<FileTime> templateSeen;
  private int checksWithMissingClass;

  /**
   * Creates a reloader. It notices changes from now on.
   *
   * @param file the template's file
   */
  public Reloader(ClassFolders folders, Path file, Template template, RunListener listener) {
    this.folders = folders;
    this.compiler = new SourceCompiler(folders, ToolProvider.getSystemJavaCompiler());
    this.template = file;
    this.listener = listener;
    this.handlers =
        template.functions().stream().map(Function::handler).filter(folders::hold).toList();
    this.loaded = folders.stamps();
    this.seen = loaded;
    this.templateSeen = modified(file);
  }

  /**
   * Starts to watch.
   *
   * @param use creates the handlers again; if it throws, the previous handlers stay in use
   */
  public void start(Consumer<ClassLoader> use) {
    var _ =
        thread.scheduleWithFixedDelay(
            () -> check(use), PERIOD.toMillis(), PERIOD.toMillis(), TimeUnit.MILLISECONDS);
  }

  private void check(Consumer<ClassLoader> use) {
    try {
      checkTemplate();
      checkClasses(use);
    } catch (RuntimeException e) { // An exception would end the schedule.
      loaded = seen; // Otherwise, each check would repeat the exception.
      listener.trouble(
          "Not reloaded, the previous classes stay in use until the next change: " + e);
    }
  }

  private void checkTemplate() {
    Optional<FileTime> now = modified(template);
    if (now.isPresent() && !now.equals(templateSeen)) {
      templateSeen = now;
      listener.trouble(template.getFileName() + " has changed: restart the run to apply it.");
    }
  }

  private static Optional<FileTime> modified(Path file) {
    try {
      return Optional.of(Files.getLastModifiedTime(file));
    } catch (IOException e) {
      return Optional.empty(); // An editor is saving the file.
    }
  }

  private void checkClasses(Consumer<ClassLoader> use) {
    Map<Path, Stamp> now = folders.stamps();
    boolean still = now.equals(seen);
    seen = now;
    if (now.equals(loaded) || !still) {
      checksWithMissingClass = 0;
      return;
    }
    Optional<String> missing = handlers.stream().filter(type -> !folders.hold(type)).findFirst();
    if (missing.isPresent()) {
      checksWithMissingClass++;
      if (checksWithMissingClass == MISSING_LIMIT) {
        listener.trouble(
            "Not reloaded: the class %s is missing. The previous classes stay in use."
                .formatted(missing.get()));
      }
      return;
    }
    long begin = System.nanoTime();
    SourceCompiler.Result compiled = compiler.compile();
    ClassLoader classes = folders.load(compiled.classes());
    if (!folders.stamps().equals(now)) {
      return; // The next check compiles again.
    }
    warnOfDeleted(now);
    loaded = now;
    if (compiled.errors().isEmpty()) {
      apply(use, classes, begin);
    } else {
      listener.notCompiled(compiled.errors());
    }
  }

  private void warnOfDeleted(Map<Path, Stamp> now) {
    for (Path folder : folders.folders()) {
      ClassFolders.sources(folder)
          .ifPresent(sources ->
              loaded.keySet().stream()
                  .filter(source -> source.startsWith(sources) && !now.containsKey(source))
                  .filter(source -> now.containsKey(ClassFolders.compiled(source, sources, folder)))
                  .forEach(source ->
                      listener.trouble(
                          "%s was deleted, but its class stays in use: run mvn compile to remove it."
                              .formatted(source.getFileName()))));
    }
  }

  private void apply(Consumer<ClassLoader> use, ClassLoader classes, long begin) {
    try {
      use.accept(classes);
    } catch (RuntimeException | LinkageError e) {
      listener.trouble("Not reloaded, the previous classes stay in use: " + e.getMessage());
      return;
    }
    listener.reloaded(handlers.size(), Duration.ofNanos(System.nanoTime() - begin));
  }

  @Override
  public void close() {
    thread.shutdownNow();
  }
}

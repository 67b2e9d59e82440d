package dev.asyncitems.local;

import java.util.ArrayDeque;
import java.util.Deque;
import org.jspecify.annotations.Nullable;

/**
 * The open resources of a run. Sources of work are closed first, because the work uses the other
 * resources. In both groups, the resource that was added last is closed first. Thread-safe.
 */
final class Shutdown implements AutoCloseable {

  private final Deque<AutoCloseable> sources = new ArrayDeque<>();
  private final Deque<AutoCloseable> resources = new ArrayDeque<>();

  /** Adds and returns a source of work, such as a server or a schedule. */
  synchronized <T extends AutoCloseable> T addSource(T source) {
    sources.push(source);
    return source;
  }

  /** Adds and returns a resource that the work uses, such as an engine. */
  synchronized <T extends AutoCloseable> T add(T resource) {
    resources.push(resource);
    return resource;
  }

  /** Closes every resource once. Then throws the first exception, if any. */
  @Override
  public synchronized void close() {
    @Nullable RuntimeException failure = null;
    while (!sources.isEmpty() || !resources.isEmpty()) {
      try {
        (sources.isEmpty() ? resources : sources).pop().close();
      } catch (Exception e) {
        if (failure == null) {
          failure = e instanceof RuntimeException own ? own : new IllegalStateException(e);
        } else {
          failure.addSuppressed(e);
        }
      }
    }
    if (failure != null) {
      throw failure;
    }
  }
}

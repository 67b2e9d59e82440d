package dev.asyncitems.local.invocation;

import com.amazonaws.services.lambda.runtime.RequestStreamHandler;
import dev.asyncitems.local.template.Function;
import dev.asyncitems.local.template.TemplateException;
import java.lang.reflect.InvocationTargetException;
import java.time.Clock;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * The handler objects of one version of the classes. After {@link #retire()}, a generation accepts
 * no new invocations. It closes when its last invocation ends. Thread-safe.
 */
final class Generation {

  private static final ThreadFactory DAEMONS =
      Thread.ofPlatform().daemon().name("handlers").factory();

  private final ClassLoader classes;
  private final Map<String, Instance> handlers = new ConcurrentHashMap<>();
  private int invocations;
  private boolean retired;

  /**
   * A handler object.
   *
   * @param failsInside whether injected failures come from its tasks
   * @param called is set at its first invocation
   */
  record Instance(
      Function function,
      RequestStreamHandler handler,
      Map<String, String> environment,
      boolean failsInside,
      AtomicBoolean called) {}

  private Generation(ClassLoader classes) {
    this.classes = classes;
  }

  static Generation make(
      List<Function> functions,
      java.util.function.Function<Function, Map<String, String>> environments,
      Clock clock,
      InjectedFailures failures,
      ClassLoader classes) {
    Generation generation = new Generation(classes);
    List<Callable<Object>> tasks = new ArrayList<>();
    for (Function function : functions) {
      tasks.add(Executors.callable(() -> generation.make(function, environments, clock, failures)));
    }
    try (ExecutorService makers = Executors.newFixedThreadPool(2, DAEMONS)) {
      for (Future<?> made : makers.invokeAll(tasks)) {
        made.get();
      }
      return generation;
    } catch (ExecutionException e) {
      generation.close();
      throw e.getCause() instanceof RuntimeException failure
          ? failure
          : new IllegalStateException(e.getCause());
    } catch (InterruptedException e) {
      generation.close();
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  private void make(
      Function function,
      java.util.function.Function<Function, Map<String, String>> environments,
      Clock clock,
      InjectedFailures failures) {
    Map<String, String> environment = Collections.unmodifiableMap(environments.apply(function));
    RequestStreamHandler handler = make(function, environment, clock, classes);
    boolean failsInside = TaskSeam.open(handler, () -> failures.check(function.id()));
    handlers.put(
        function.id(),
        new Instance(function, handler, environment, failsInside, new AtomicBoolean()));
  }

  private static RequestStreamHandler make(
      Function function, Map<String, String> environment, Clock clock, ClassLoader classes) {
    String place = "Resources." + function.id() + ".Properties.Handler: ";
    Thread.currentThread().setContextClassLoader(classes);
    Class<?> type;
    try {
      type = Class.forName(function.handler(), true, classes);
    } catch (ClassNotFoundException e) {
      throw new TemplateException(
          place + "the class " + function.handler() + " is not on the class path.", e);
    } catch (LinkageError e) {
      throw new TemplateException(
          place + function.handler() + " can't be loaded: " + root(e) + ".", e);
    }
    if (!RequestStreamHandler.class.isAssignableFrom(type)) {
      throw new TemplateException(
          place + function.handler() + " does not implement RequestStreamHandler.");
    }
    try {
      return (RequestStreamHandler) construct(type, environment, clock);
    } catch (InvocationTargetException e) {
      throw new TemplateException(
          place + function.handler() + " failed in its constructor: " + root(e) + ".", e);
    } catch (ReflectiveOperationException e) {
      throw new TemplateException(
          place
              + function.handler()
              + " has no public constructor that takes (Map, Clock), (Map) or nothing.",
          e);
    }
  }

  /** Returns the root cause, since the JVM wraps exceptions of initializers and constructors. */
  private static Throwable root(Throwable failure) {
    Throwable root = failure;
    while (root.getCause() != null) {
      root = root.getCause();
    }
    return root;
  }

  private static Object construct(Class<?> type, Map<String, String> environment, Clock clock)
      throws ReflectiveOperationException {
    List<List<Class<?>>> parameters =
        Arrays.stream(type.getConstructors()).map(c -> List.of(c.getParameterTypes())).toList();
    if (parameters.contains(List.of(Map.class, Clock.class))) {
      return type.getConstructor(Map.class, Clock.class).newInstance(environment, clock);
    }
    if (parameters.contains(List.of(Map.class))) {
      return type.getConstructor(Map.class).newInstance(environment);
    }
    return type.getConstructor().newInstance();
  }

  Instance instance(String functionId) {
    Instance instance = handlers.get(functionId);
    if (instance == null) {
      throw new TemplateException("The template has no function " + functionId + ".");
    }
    return instance;
  }

  /** Begins an invocation. Returns false if this generation is retired. */
  synchronized boolean enter() {
    if (retired) {
      return false;
    }
    invocations++;
    return true;
  }

  void leave() {
    boolean last;
    synchronized (this) {
      invocations--;
      last = retired && invocations == 0;
    }
    if (last) {
      close();
    }
  }

  /** Rejects new invocations. Running invocations continue. */
  void retire() {
    boolean idle;
    synchronized (this) {
      retired = true;
      idle = invocations == 0;
    }
    if (idle) {
      close();
    }
  }

  /** Closes each closeable handler, and then the class loader. */
  void close() {
    handlers.forEach((id, instance) -> close(id, instance.handler()));
    close("The class loader", classes);
  }

  private static void close(String name, Object what) {
    if (what instanceof AutoCloseable closeable) {
      try {
        closeable.close();
      } catch (Exception e) {
        System.err.println(name + " can't be closed: " + e);
      }
    }
  }
}

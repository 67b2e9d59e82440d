package dev.asyncitems.snapstart;

import com.amazonaws.services.lambda.runtime.RequestStreamHandler;
import dev.asyncitems.lambda.Log;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.BiFunction;
import org.crac.Context;
import org.crac.Core;
import org.crac.Resource;
import org.jspecify.annotations.Nullable;

/**
 * What is done before a snapshot is taken of an environment ("Lambda SnapStart runtime hooks"):
 * another function of the same class, on an endpoint of this process, answers an event with success
 * again and again and is closed. So the classes of a success are loaded and linked, what is called
 * often is compiled, and what the snapshot holds is no connection, no credential and no id: the
 * function that will answer has made none yet, and random numbers come from {@link
 * java.security.SecureRandom}, which reads the machine's source.
 */
public final class Snapshot<F extends RequestStreamHandler> implements Resource {
  // From then on little is left to compile: docs/decisions/0014.
  private static final int TIMES = 3_000;

  // The context holds its resources weakly.
  private static final List<Snapshot<?>> ALL = new CopyOnWriteArrayList<>();

  private final BiFunction<Map<String, String>, Clock, F> maker;
  private final Clock clock;
  private final Class<F> function;
  private final String event;

  /**
   * @param maker makes a function of the class in another environment
   */
  Snapshot(Clock clock, Class<F> function, BiFunction<Map<String, String>, Clock, F> maker) {
    this.maker = maker;
    this.clock = clock;
    this.function = function;
    this.event = Objects.requireNonNull(Events.BY_FUNCTION.get(function.getSimpleName()));
  }

  /**
   * Primes functions of this class before a snapshot is taken, if one is to be.
   *
   * @return whether one is to be
   */
  public static <F extends RequestStreamHandler> boolean of(
      Map<String, String> environment, Clock clock, Class<F> function) {
    // Without SnapStart nobody asks, and a start shouldn't pay for it.
    if (!"snap-start".equals(environment.get("AWS_LAMBDA_INITIALIZATION_TYPE"))) {
      return false;
    }
    Snapshot<F> snapshot = new Snapshot<>(clock, function, maker(function));
    ALL.add(snapshot);
    Core.getGlobalContext().register(snapshot);
    return true;
  }

  /** Returns what makes functions of a class by their constructor for another environment. */
  static <F extends RequestStreamHandler> BiFunction<Map<String, String>, Clock, F> maker(
      Class<F> function) {
    return (environment, clock) -> {
      try {
        return function.getConstructor(Map.class, Clock.class).newInstance(environment, clock);
      } catch (ReflectiveOperationException e) {
        throw new IllegalStateException(e);
      }
    };
  }

  /** Primes. Where that fails it says so, and the snapshot is of a function that starts slower. */
  @Override
  public void beforeCheckpoint(@Nullable Context<? extends Resource> context) {
    try {
      prime(TIMES);
    } catch (Exception | LinkageError e) { // else the deployment would fail
      new Log(function.getSimpleName(), clock)
          .write(Log.Level.WARN, "priming", Map.of(), Optional.of(e));
    }
  }

  @Override
  public void afterRestore(@Nullable Context<? extends Resource> context) {}

  /** Returns what the function answered at last that was made for it. */
  String prime(int times) throws Exception {
    return Priming.answer(maker, clock, event, times);
  }

  // A class of its own, or each start without SnapStart would make them.
  private static final class Events {
    private static final String ID = PrimingEngine.ID;
    private static final String ITEM = "{\\\"name\\\":\\\"priming\\\",\\\"price\\\":1}";
    private static final String MESSAGE = "{\\\"message\\\":\\\"priming\\\"}";

    /** An event for each function, by its name. */
    static final Map<String, String> BY_FUNCTION =
        Map.ofEntries(
            Map.entry("ListItems", http("GET", "/items", false, "")),
            Map.entry("CreateItem", http("POST", "/items", false, ITEM)),
            Map.entry("GetItem", http("GET", "/items/", true, "")),
            Map.entry("ReplaceItem", http("PUT", "/items/", true, ITEM)),
            Map.entry("PatchItem", http("PATCH", "/items/", true, ITEM)),
            Map.entry("DeleteItem", http("DELETE", "/items/", true, "")),
            Map.entry("SendNotification", http("POST", "/notifications", false, MESSAGE)),
            Map.entry("ListNotifications", http("GET", "/notifications", false, "")),
            Map.entry("GetNotification", http("GET", "/notifications/", true, "")),
            Map.entry("GetData", http("GET", "/data", false, "")),
            Map.entry(
                "LogNotifications",
                "{\"Records\":[{\"messageId\":\"priming\",\"receiptHandle\":\"priming\",\"body\":"
                    + "\"{\\\"id\\\":\\\""
                    + ID
                    + "\\\"}\",\"attributes\":{\"ApproximateReceiveCount\":\"1\"}}]}"),
            Map.entry("RelayOutbox", "{}"));

    private static String http(String method, String path, boolean withId, String body) {
      return "{\"version\":\"2.0\",\"routeKey\":\""
          + method
          + " "
          + path
          + (withId ? "{id}" : "")
          + "\",\"rawPath\":\""
          + path
          + (withId ? ID : "")
          + "\",\"rawQueryString\":\"\",\"headers\":{},\"pathParameters\":{\"id\":\""
          + ID
          + "\"},\"requestContext\":{\"requestId\":\"priming\",\"http\":{\"method\":\""
          + method
          + "\",\"path\":\""
          + path
          + (withId ? ID : "")
          + "\"}},\"body\":\""
          + body
          + "\",\"isBase64Encoded\":false}";
    }
  }
}

package dev.asyncitems.local.trigger;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.asyncitems.local.invocation.InvocationException;
import dev.asyncitems.local.invocation.RunListener;
import dev.asyncitems.local.json.Json;
import dev.asyncitems.local.template.Schedule;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * The schedules of a template. As in EventBridge, each schedule first fires one period after the
 * start. A failed tick is not repeated. After a sleep of the machine, one tick fires. Thread-safe.
 */
public final class Schedules implements AutoCloseable {

  private final List<Schedule> schedules;
  private final Clock clock;
  private final String region;
  private final String account;
  private final Invoker invoker;
  private final RunListener listener;
  private final Map<Schedule, Instant> due = new HashMap<>();
  private @Nullable Thread thread;

  public Schedules(
      List<Schedule> schedules,
      Clock clock,
      String region,
      String account,
      Invoker invoker,
      RunListener listener) {
    this.schedules = schedules.stream().filter(Schedule::enabled).toList();
    this.clock = clock;
    this.region = region;
    this.account = account;
    this.invoker = invoker;
    this.listener = listener;
    for (Schedule schedule : this.schedules) {
      due.put(schedule, clock.instant().plus(schedule.rate()));
    }
  }

  public synchronized void start() {
    if (thread == null && !schedules.isEmpty()) {
      thread = Thread.ofVirtual().name("schedules").start(this::run);
    }
  }

  private void run() {
    try {
      while (!Thread.currentThread().isInterrupted()) {
        Thread.sleep(untilNext());
        for (Schedule schedule : takeDue()) {
          Thread.ofVirtual().name("tick " + schedule.id()).start(() -> fire(schedule));
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt(); // The schedules are closed.
    }
  }

  private synchronized Duration untilNext() {
    Instant now = clock.instant();
    Duration shortest = Duration.ofDays(1);
    for (Instant next : due.values()) {
      Duration left = Duration.between(now, next);
      shortest = left.compareTo(shortest) < 0 ? left : shortest;
    }
    return shortest.isNegative() ? Duration.ZERO : shortest.plusMillis(1);
  }

  private synchronized List<Schedule> takeDue() {
    Instant now = clock.instant();
    List<Schedule> taken = new ArrayList<>();
    for (Schedule schedule : schedules) {
      Instant next = due.getOrDefault(schedule, now);
      if (!next.isAfter(now)) {
        long periods = Duration.between(next, now).dividedBy(schedule.rate()) + 1;
        due.put(schedule, next.plus(schedule.rate().multipliedBy(periods)));
        taken.add(schedule);
      }
    }
    return taken;
  }

  /** Fires all due schedules, waits for their functions and returns the functions' logical ids. */
  public List<String> fireDue() {
    List<Schedule> taken = takeDue();
    taken.forEach(this::fire);
    return taken.stream().map(Schedule::functionId).toList();
  }

  private void fire(Schedule schedule) {
    long begin = System.nanoTime();
    boolean succeeded = false;
    try {
      invoker.invoke(schedule.functionId(), event(schedule));
      succeeded = true;
    } catch (RuntimeException e) {
      listener.failed(schedule.functionId(), "-", InvocationException.reason(e));
    }
    listener.tick(
        schedule.functionId(),
        schedule.id(),
        succeeded,
        Duration.ofNanos(System.nanoTime() - begin));
  }

  private byte[] event(Schedule schedule) {
    String input = schedule.input();
    if (input != null) {
      return input.getBytes(StandardCharsets.UTF_8);
    }
    ObjectNode event = JsonNodeFactory.instance.objectNode();
    event.put("version", "0");
    event.put("id", UUID.randomUUID().toString());
    event.put("detail-type", "Scheduled Event");
    event.put("source", "aws.events");
    event.put("account", account);
    event.put("time", clock.instant().truncatedTo(ChronoUnit.SECONDS).toString());
    event.put("region", region);
    event
        .putArray("resources")
        .add(
            "arn:aws:events:%s:%s:rule/%s%s"
                .formatted(region, account, schedule.functionId(), schedule.id()));
    event.putObject("detail");
    return Json.bytes(event);
  }

  @Override
  public synchronized void close() {
    if (thread != null) {
      thread.interrupt();
    }
  }
}

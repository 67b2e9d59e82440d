package dev.asyncitems.faults;

import dev.asyncitems.system.Api;
import dev.asyncitems.system.FaultProxy.Call;
import dev.asyncitems.system.FaultProxy.Fault;
import dev.asyncitems.system.SampleEvent;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.function.Function;
import tools.jackson.databind.node.ObjectNode;

/** A path through a function: a sample event, and the condition in which it arrives. */
record Path(SampleEvent sample, Condition condition) {
  private static final String KEY = "idempotency-key";

  /** The conditions of requests, then of messages, then of ticks. */
  enum Condition {
    PLAIN,
    WITH_KEY,
    IF_MATCH,
    QUEUE_AWAY,
    QUEUED,
    FAILED_BEFORE,
    UNKNOWN_ID,
    MALFORMED,
    MAY_KILL,
    STORE_AWAY,
    STORE_AWAY_AT_THE_LAST_ATTEMPT,
    STORE_AWAY_AT_THE_LAST_DELIVERY,
    DUE,
    DISPATCHES_USED_UP;

    /** Returns whether a message can only be given up. */
    boolean isLast() {
      return this == STORE_AWAY_AT_THE_LAST_ATTEMPT || this == STORE_AWAY_AT_THE_LAST_DELIVERY;
    }
  }

  /** Returns every path through every function of the template. */
  static List<Path> all() {
    List<Path> paths = new ArrayList<>();
    for (SampleEvent sample : SampleEvent.all()) {
      conditions(sample).forEach(condition -> paths.add(new Path(sample, condition)));
    }
    return paths;
  }

  private static List<Condition> conditions(SampleEvent sample) {
    if (sample.isBatch()) {
      return List.of(
          Condition.QUEUED,
          Condition.FAILED_BEFORE,
          Condition.UNKNOWN_ID,
          Condition.MALFORMED,
          Condition.MAY_KILL,
          Condition.STORE_AWAY,
          Condition.STORE_AWAY_AT_THE_LAST_ATTEMPT,
          Condition.STORE_AWAY_AT_THE_LAST_DELIVERY);
    }
    if (!sample.isHttp()) {
      return List.of(Condition.DUE, Condition.DISPATCHES_USED_UP);
    }
    List<Condition> conditions = new ArrayList<>(List.of(Condition.PLAIN));
    if (sample.takes("Idempotency-Key")) {
      conditions.add(Condition.WITH_KEY);
    }
    if (sample.takes("If-Match")) {
      conditions.add(Condition.IF_MATCH);
    }
    if (sample.function().environment().containsKey("ENDPOINT_URL_SQS")) {
      conditions.add(Condition.QUEUE_AWAY);
    }
    return conditions;
  }

  boolean isTick() {
    return !sample.isHttp() && !sample.isBatch();
  }

  /** Returns whether the event may arrive again and must then have no second effect. */
  boolean isRepeatable() {
    return condition != Condition.PLAIN && condition != Condition.QUEUE_AWAY;
  }

  /**
   * Returns the event.
   *
   * @param ids the ids of what it is about, by the ids in the sample
   * @param maxReceiveCount the number of the last delivery
   */
  byte[] event(Map<String, String> ids, int maxReceiveCount) {
    ObjectNode event = sample.json(condition == Condition.UNKNOWN_ID ? Map.of() : ids);
    if (sample.isHttp()) {
      ObjectNode headers = (ObjectNode) event.required("headers");
      headers.remove(KEY);
      if (condition == Condition.WITH_KEY) {
        headers.put(KEY, UUID.randomUUID().toString());
      } else if (condition == Condition.IF_MATCH) {
        headers.put("if-match", "\"1\"");
      }
    } else if (sample.isBatch()) {
      ObjectNode message = (ObjectNode) event.required("Records").required(0);
      if (condition == Condition.MALFORMED) {
        message.put("body", "nonsense");
      } else if (condition == Condition.STORE_AWAY_AT_THE_LAST_DELIVERY) {
        receive(message, maxReceiveCount);
      } else if (condition == Condition.MAY_KILL) {
        receive(message, maxReceiveCount - 1);
      }
      event.set("Records", Api.JSON.createArrayNode().add(message));
    }
    return SampleEvent.bytes(event);
  }

  private static void receive(ObjectNode message, int count) {
    ((ObjectNode) message.required("attributes"))
        .put("ApproximateReceiveCount", String.valueOf(count));
  }

  /** Returns the faults that the condition consists of, for one invocation. */
  Function<Call, Fault> weather() {
    return switch (condition) {
      case QUEUE_AWAY -> call -> call.service().equals(Call.SQS) ? Faults.UNAVAILABLE : Fault.PASS;
      case STORE_AWAY, STORE_AWAY_AT_THE_LAST_ATTEMPT, STORE_AWAY_AT_THE_LAST_DELIVERY ->
          call -> call.body().contains("doneAt") ? Faults.UNAVAILABLE : Fault.PASS;
      default -> call -> Fault.PASS;
    };
  }

  @Override
  public String toString() {
    return sample + " " + condition;
  }
}

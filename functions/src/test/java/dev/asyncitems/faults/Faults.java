package dev.asyncitems.faults;

import dev.asyncitems.system.Api;
import dev.asyncitems.system.FaultProxy.Answered;
import dev.asyncitems.system.FaultProxy.Call;
import dev.asyncitems.system.FaultProxy.Fault;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.IntPredicate;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * The error answers of DynamoDB and SQS, in the form in which they are sent ("Error handling with
 * DynamoDB"; "Common errors" and "SendMessageBatch" of the SQS API reference).
 */
final class Faults {
  private static final String JSON_10 = "application/x-amz-json-1.0";
  private static final String DYNAMODB = "com.amazonaws.dynamodb.v20120810#";
  private static final String SQS = "com.amazonaws.sqs#";

  private Faults() {}

  /** A table or a partition exceeds its throughput. */
  static final Fault THROUGHPUT_EXCEEDED =
      error(
          400,
          "ProvisionedThroughputExceededException",
          "The level of configured provisioned throughput for the table was exceeded.");

  /** The account or the queue exceeds its request rate. */
  static final Fault THROTTLED =
      (call, engine) ->
          Optional.of(
              call.service().equals(Call.SQS)
                  ? sqsError(400, "RequestThrottled", "Request is throttled.")
                  : new Answered(
                      400,
                      JSON_10,
                      "{\"__type\":\"com.amazon.coral.availability#ThrottlingException\","
                          + "\"message\":\"Rate of requests exceeds the allowed throughput.\"}"));

  /** The service has an internal error. */
  static final Fault INTERNAL_ERROR =
      error(500, "InternalServerError", "The request processing has failed.");

  /** The service is temporarily unavailable. */
  static final Fault UNAVAILABLE =
      error(503, "ServiceUnavailable", "The service is unavailable. Please try again.");

  /** Another transaction is changing the same item. Other calls pass. */
  static final Fault CONFLICT =
      (call, engine) ->
          switch (call.action()) {
            case "TransactWriteItems" -> Optional.of(cancelled(call, "TransactionConflict", 0));
            case "UpdateItem", "PutItem", "DeleteItem" ->
                Optional.of(
                    dynamoDbError(
                        400,
                        "TransactionConflictException",
                        "Transaction is ongoing for the item"));
            default -> Optional.of(engine.call());
          };

  /**
   * A transaction is cancelled because its table is throttled. Other calls are throttled directly.
   */
  static final Fault CANCELLED_BY_THROTTLING =
      (call, engine) ->
          call.action().equals("TransactWriteItems")
              ? Optional.of(cancelled(call, "ThrottlingError", 0))
              : THROUGHPUT_EXCEEDED.apply(call, engine);

  /** Delays a call. */
  static Fault delay(Duration time) {
    return (call, engine) -> {
      Thread.sleep(time); // Network latency in the proxy: no test waits for a state with it.
      return Optional.of(engine.call());
    };
  }

  /**
   * Makes SQS reject some entries of a batch. Calls that send no batch pass.
   *
   * @param rejected selects the rejected entries by their index
   */
  static Fault refuseEntries(IntPredicate rejected) {
    return (call, engine) -> {
      if (!call.action().equals("SendMessageBatch")) {
        return Optional.of(engine.call());
      }
      ObjectNode request = (ObjectNode) Api.JSON.readTree(call.body());
      ArrayNode entries = (ArrayNode) request.required("Entries");
      List<JsonNode> left = new ArrayList<>();
      for (int i = entries.size() - 1; i >= 0; i--) {
        if (rejected.test(i)) {
          left.add(entries.remove(i));
        }
      }
      ObjectNode answer =
          entries.isEmpty()
              ? Api.JSON.createObjectNode()
              : (ObjectNode) Api.JSON.readTree(engine.call(request.toString()).body());
      ArrayNode failed = answer.putArray("Failed");
      for (JsonNode entry : left) {
        failed
            .addObject()
            .put("Id", entry.required("Id").asString())
            .put("Code", "InternalError")
            .put("SenderFault", false);
      }
      return Optional.of(new Answered(200, JSON_10, answer.toString()));
    };
  }

  private static Fault error(int status, String code, String message) {
    return (call, engine) ->
        Optional.of(
            call.service().equals(Call.SQS)
                ? sqsError(status, code, message)
                : dynamoDbError(status, code, message));
  }

  private static Answered dynamoDbError(int status, String code, String message) {
    return new Answered(
        status,
        JSON_10,
        "{\"__type\":\"%s%s\",\"message\":\"%s\"}".formatted(DYNAMODB, code, message));
  }

  private static Answered sqsError(int status, String code, String message) {
    return new Answered(
        status,
        JSON_10,
        "{\"__type\":\"%s%s\",\"message\":\"%s\"}".formatted(SQS, code, message),
        Map.of("x-amzn-query-error", code + ";" + (status < 500 ? "Sender" : "Receiver")));
  }

  /**
   * Cancels a transaction because of its last action. Other calls pass.
   *
   * @param why the code of the reason
   */
  static Fault cancelledByLast(String why) {
    return (call, engine) ->
        Optional.of(
            call.action().equals("TransactWriteItems")
                ? cancelled(call, why, actions(call) - 1)
                : engine.call());
  }

  private static int actions(Call call) {
    return Api.JSON.readTree(call.body()).required("TransactItems").size();
  }

  // A cancelled transaction has one reason for each action.
  private static Answered cancelled(Call call, String why, int cause) {
    int actions = actions(call);
    ObjectNode answer = Api.JSON.createObjectNode();
    answer.put("__type", DYNAMODB + "TransactionCanceledException");
    answer.put(
        "Message",
        "Transaction cancelled, please refer cancellation reasons for specific reasons ["
            + why
            + "]");
    ArrayNode reasons = answer.putArray("CancellationReasons");
    for (int i = 0; i < actions; i++) {
      reasons.addObject().put("Code", i == cause ? why : "None");
    }
    return new Answered(400, JSON_10, answer.toString());
  }
}

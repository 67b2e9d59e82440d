package dev.asyncitems.local.page;

import com.fasterxml.jackson.databind.JsonNode;
import dev.asyncitems.local.json.Json;

/** Summaries of events and responses for the page. */
final class Payload {

  /** The maximum size of a parsed payload, in bytes. */
  private static final int LIMIT = 256 * 1024;

  private Payload() {}

  /** The kinds of results. The page shows them in different colours. */
  enum Kind {
    RUNNING,
    DONE,
    REJECTED,
    FAILED
  }

  /**
   * The result of an invocation.
   *
   * @param words such as {@code 404} or {@code 2 of 10 failed, left in the queue}
   */
  record Outcome(Kind kind, String words) {}

  /**
   * The cause of an invocation.
   *
   * @param words such as {@code GET /things/1} or {@code 3 messages}
   * @param messages the number of messages in the event; 0 for other events
   */
  record Trigger(String words, int messages) {}

  static Trigger trigger(byte[] event) {
    if (event.length > LIMIT) {
      return new Trigger("event of " + event.length + " bytes", 0);
    }
    JsonNode json = Json.readIfValid(event);
    return new Trigger(words(json), json.path("Records").size());
  }

  private static String words(JsonNode json) {
    JsonNode http = json.path("requestContext").path("http");
    if (http.isObject()) {
      String query = json.path("rawQueryString").asText("");
      return http.path("method").asText()
          + " "
          + json.path("rawPath").asText()
          + (query.isEmpty() ? "" : "?" + query);
    }
    JsonNode records = json.path("Records");
    if (records.isArray()) {
      return records.size() == 1 ? "1 message" : records.size() + " messages";
    }
    return json.path("detail-type").asText("another event");
  }

  /** Returns a summary of a response to an event with this number of messages. */
  static Outcome outcome(int messages, byte[] answer) {
    if (answer.length > LIMIT) {
      return new Outcome(Kind.DONE, "answered");
    }
    JsonNode json = Json.readIfValid(answer);
    JsonNode failures = json.path("batchItemFailures");
    if (failures.isArray()) {
      return failures.isEmpty()
          ? new Outcome(Kind.DONE, "removed from the queue")
          : new Outcome(
              Kind.FAILED,
              failures.size()
                  + (messages > 0 ? " of " + messages : "")
                  + " failed, left in the queue");
    }
    if (json.path("statusCode").isInt()) {
      int status = json.path("statusCode").asInt();
      Kind kind = status >= 500 ? Kind.FAILED : status >= 400 ? Kind.REJECTED : Kind.DONE;
      return new Outcome(kind, Integer.toString(status));
    }
    return new Outcome(Kind.DONE, "answered");
  }
}

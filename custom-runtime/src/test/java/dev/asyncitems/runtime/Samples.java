package dev.asyncitems.runtime;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The sample events in an order in which each finds what it is about: the item that was created,
 * the notification that was sent.
 */
final class Samples {
  /** A function, the name of its event, and what its answer has. */
  record Sample(String function, String event, String expected) {
    /** The function's class. */
    String handler() {
      return "dev.asyncitems.function." + function;
    }
  }

  static final List<Sample> ALL =
      List.of(
          sample("CreateItem", "create-item", 201),
          sample("GetItem", "get-item", 200),
          sample("GetItem", "get-item-if-none-match", 304),
          sample("ListItems", "list-items", 200),
          sample("ReplaceItem", "replace-item", 200),
          sample("ReplaceItem", "replace-item-if-match", 412),
          sample("PatchItem", "patch-item", 200),
          sample("DeleteItem", "delete-item", 204),
          sample("GetItem", "get-item", 404),
          sample("SendNotification", "send-notification", 202),
          sample("SendNotification", "send-notification-get", 200),
          sample("GetNotification", "get-notification", 200),
          sample("ListNotifications", "list-notifications", 200),
          sample("GetData", "get-data", 200),
          sample("UnmatchedRoute", "unmatched-route", 404),
          sample("UnmatchedRoute", "unmatched-route-slash", 308),
          new Sample("LogNotifications", "log-notifications", "{\"batchItemFailures\":[]}"),
          new Sample("RelayOutbox", "relay-outbox", "\"due\":"));

  private static final Pattern LOCATION = Pattern.compile("/(items|notifications)/([0-9a-f-]{36})");

  private final Path events;
  private String item = "019bc0fd-8a3b-73a5-9c4e-8b2d6f90a173";
  private String notification = "019bc0fe-749b-79d1-ab7f-05c3d8e46a19";

  /**
   * @param events the folder of the sample events
   */
  Samples(Path events) {
    this.events = events;
  }

  /** The event's text, about what was created last, and with an idempotency key of its own. */
  String read(Sample sample) throws IOException {
    return Files.readString(events.resolve(sample.event + ".json"))
        .replace("019bc0fd-8a3b-73a5-9c4e-8b2d6f90a173", item)
        .replace("019bc0fe-749b-79d1-ab7f-05c3d8e46a19", notification)
        .replaceAll("(\"idempotency-key\": \")[^\"]*", "$1" + UUID.randomUUID());
  }

  /**
   * Takes an answer.
   *
   * @throws IllegalStateException if it is another one than the sample's
   */
  void answered(Sample sample, String text) {
    if (!text.contains(sample.expected)) {
      throw new IllegalStateException(sample + " was answered " + text);
    }
    Matcher created = LOCATION.matcher(text);
    if (text.contains("\"statusCode\":201") && created.find()) {
      item = created.group(2);
    } else if (text.contains("\"statusCode\":202") && created.find()) {
      notification = created.group(2);
    }
  }

  private static Sample sample(String function, String event, int status) {
    return new Sample(function, event, "\"statusCode\":" + status + ",");
  }
}

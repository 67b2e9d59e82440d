package dev.asyncitems.local.engine;

import dev.asyncitems.local.json.Json;
import java.util.Map;

/** What an engine answers to a request that the guard refuses: an error as AWS's SDKs read it. */
final class Refusal {

  static final int STATUS = 403;
  static final String CONTENT_TYPE = "application/x-amz-json-1.0";

  private Refusal() {}

  static byte[] body(String sentence) {
    return Json.bytes(
        Map.of("__type", "com.amazon.coral.service#AccessDeniedException", "message", sentence));
  }
}

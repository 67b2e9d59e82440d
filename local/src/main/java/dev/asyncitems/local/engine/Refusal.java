package dev.asyncitems.local.engine;

import dev.asyncitems.local.json.Json;
import java.util.LinkedHashMap;
import java.util.Map;

/** What an engine answers to a request that the guard refuses: an error as AWS's SDKs read it. */
final class Refusal {

  static final int STATUS = 403;

  /** SDKs do not look at it, and a browser shows this one to a person. */
  static final String CONTENT_TYPE = "application/json";

  private Refusal() {}

  static byte[] body(String sentence) {
    Map<String, String> error = new LinkedHashMap<>();
    error.put("__type", "com.amazon.coral.service#AccessDeniedException");
    error.put("message", sentence);
    return Json.bytes(error);
  }
}

package dev.asyncitems.local.engine;

import com.fasterxml.jackson.databind.json.JsonMapper;
import java.nio.charset.StandardCharsets;

/** What an engine answers to a request that the guard refuses: an error as AWS's SDKs read it. */
final class Refusal {

  static final int STATUS = 403;
  static final String CONTENT_TYPE = "application/x-amz-json-1.0";

  private Refusal() {}

  static byte[] body(String sentence) {
    return new JsonMapper()
        .createObjectNode()
        .put("__type", "com.amazon.coral.service#AccessDeniedException")
        .put("message", sentence)
        .toString()
        .getBytes(StandardCharsets.UTF_8);
  }
}

package dev.asyncitems.local.engine;

import dev.asyncitems.local.json.Json;
import java.util.LinkedHashMap;
import java.util.Map;

/** The response to a request that the guard rejects, in the error format of the AWS SDKs. */
final class RejectionResponse {

  static final int STATUS = 403;

  /** SDKs ignore the content type, but a browser displays JSON. */
  static final String CONTENT_TYPE = "application/json";

  private RejectionResponse() {}

  static byte[] body(String sentence) {
    Map<String, String> error = new LinkedHashMap<>();
    error.put("__type", "com.amazon.coral.service#AccessDeniedException");
    error.put("message", sentence);
    return Json.bytes(error);
  }
}

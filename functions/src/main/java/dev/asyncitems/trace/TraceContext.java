package dev.asyncitems.trace;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The request id and the trace header that travel with a background task. Both are safe to log,
 * since only well-formed ids are kept.
 *
 * @param requestId the gateway's request id
 * @param traceHeader X-Ray's header: the trace id and, if known, the parent and the sampling
 *     decision ("Tracing header", AWS X-Ray Developer Guide)
 */
public record TraceContext(Optional<String> requestId, Optional<String> traceHeader) {
  /** The context of an unknown request. */
  public static final TraceContext UNKNOWN = new TraceContext(Optional.empty(), Optional.empty());

  private static final Pattern REQUEST_ID = Pattern.compile("[A-Za-z0-9_=+/.:-]{1,128}");

  private static final String DIGITS = "0123456789abcdef";
  // Each x stands for one of the digits.
  private static final String ROOT = "Root=1-xxxxxxxx-xxxxxxxxxxxxxxxxxxxxxxxx";
  private static final String PARENT = "Parent=xxxxxxxxxxxxxxxx";

  /** Reads a context from untrusted text. Malformed parts are dropped. */
  public static TraceContext of(@Nullable String requestId, @Nullable String traceHeader) {
    return new TraceContext(
        Optional.ofNullable(requestId).filter(id -> REQUEST_ID.matcher(id).matches()),
        Optional.ofNullable(traceHeader).flatMap(TraceContext::normal));
  }

  // API Gateway and Lambda add further parts, such as Self and Lineage, which are dropped.
  private static Optional<String> normal(String header) {
    String root = "";
    String parent = "";
    String sampled = "";
    for (String padded : header.split(";", -1)) {
      String part = padded.stripLeading();
      if (root.isEmpty() && hasForm(part, ROOT)) {
        root = part;
      } else if (parent.isEmpty() && hasForm(part, PARENT)) {
        parent = ";" + part;
      } else if (sampled.isEmpty() && (part.equals("Sampled=0") || part.equals("Sampled=1"))) {
        sampled = ";" + part;
      }
    }
    return root.isEmpty() ? Optional.empty() : Optional.of(root + parent + sampled);
  }

  private static boolean hasForm(String text, String form) {
    if (text.length() != form.length()) {
      return false;
    }
    for (int i = 0; i < form.length(); i++) {
      char expected = form.charAt(i);
      char found = text.charAt(i);
      if (expected == 'x' ? DIGITS.indexOf(found) < 0 : found != expected) {
        return false;
      }
    }
    return true;
  }

  public Optional<String> traceId() {
    return traceHeader.map(header -> header.split(";", 2)[0].substring("Root=".length()));
  }

  /** Returns the fields for a log line. */
  public Map<String, String> fields() {
    Map<String, String> fields = new LinkedHashMap<>();
    requestId.ifPresent(id -> fields.put("requestId", id));
    traceId().ifPresent(id -> fields.put("traceId", id));
    return fields;
  }
}

package dev.asyncitems.kernel;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The request that something began with, as it is followed from function to function. It holds
 * nothing of a client's but the trace's id, of hexadecimal digits.
 *
 * @param requestId the gateway's id of it
 * @param traceHeader X-Ray's: the trace's id and, where known, the parent and whether it is sampled
 *     ("Tracing header", AWS X-Ray Developer Guide)
 */
public record Origin(Optional<String> requestId, Optional<String> traceHeader) {
  /** Where nothing is known of it. */
  public static final Origin UNKNOWN = new Origin(Optional.empty(), Optional.empty());

  private static final Pattern REQUEST_ID = Pattern.compile("[A-Za-z0-9_=+/.:-]{1,128}");
  private static final Pattern ROOT = part("Root=(1-[0-9a-f]{8}-[0-9a-f]{24})");
  private static final Pattern PARENT = part("Parent=[0-9a-f]{16}");
  private static final Pattern SAMPLED = part("Sampled=[01]");

  private static Pattern part(String regex) {
    return Pattern.compile("(?:^|;) *(" + regex + ")(?=;|$)");
  }

  /** What can be told from texts of any form: those that are none of an id or a trace are left. */
  public static Origin of(@Nullable String requestId, @Nullable String traceHeader) {
    return new Origin(
        Optional.ofNullable(requestId).filter(id -> REQUEST_ID.matcher(id).matches()),
        Optional.ofNullable(traceHeader).flatMap(Origin::normal));
  }

  // API Gateway and Lambda add other parts, such as Self and Lineage.
  private static Optional<String> normal(String header) {
    return find(ROOT, header)
        .map(root ->
            root
                + find(PARENT, header).map(part -> ";" + part).orElse("")
                + find(SAMPLED, header).map(part -> ";" + part).orElse(""));
  }

  private static Optional<String> find(Pattern part, String header) {
    Matcher matcher = part.matcher(header);
    return matcher.find() ? Optional.of(matcher.group(1)) : Optional.empty();
  }

  /** The trace's id alone. */
  public Optional<String> traceId() {
    return traceHeader.map(header -> header.split(";", 2)[0].substring("Root=".length()));
  }

  /** What a log line says of it. */
  public Map<String, String> fields() {
    Map<String, String> fields = new LinkedHashMap<>();
    requestId.ifPresent(id -> fields.put("requestId", id));
    traceId().ifPresent(id -> fields.put("traceId", id));
    return fields;
  }
}

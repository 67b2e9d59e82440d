package dev.asyncitems.http;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The media types of bodies (RFC 9110, 8.3.1). */
public final class MediaType {
  public static final String JSON = "application/json";
  public static final String NDJSON = "application/x-ndjson";
  public static final String MERGE_PATCH = "application/merge-patch+json";

  // The quantifier is possessive, so that matching neither recurses nor backtracks even if a header
  // has thousands of semicolons.
  private static final Pattern PARAMETERS =
      Pattern.compile("([ \\t]*;[ \\t]*([^=;,\\s]+=(\"[^\"]*\"|[^\";,\\s]+))?)*+[ \\t]*");
  private static final Pattern CHARSET =
      Pattern.compile(";[ \\t]*charset=\"?([^\";\\s]*)\"?", Pattern.CASE_INSENSITIVE);

  /** The name of UTF-8, and an alias that many clients send (Encoding Standard, 4.2). */
  private static final Set<String> UTF_8 = Set.of("utf-8", "utf8");

  private MediaType() {}

  /** Returns the type of the body in lower case, without parameters. The default is JSON. */
  static String of(Request request) {
    String value = request.header("Content-Type").orElse("").strip();
    int end = value.indexOf(';');
    String type = end < 0 ? value : value.substring(0, end).strip();
    return value.isEmpty() ? JSON : type.toLowerCase(Locale.ROOT);
  }

  /**
   * Checks the declared type and charset of the body. A body without a type is accepted.
   *
   * @throws ProblemException 415
   */
  static void require(Request request, List<String> accepted) {
    String value = request.header("Content-Type").orElse("").strip();
    if (value.isEmpty()) {
      return;
    }
    int end = value.indexOf(';');
    String parameters = end < 0 ? "" : value.substring(end);
    Matcher charset = CHARSET.matcher(parameters);
    boolean utf8 = !charset.find() || UTF_8.contains(charset.group(1).toLowerCase(Locale.ROOT));
    if (!accepted.contains(of(request)) || !utf8 || !PARAMETERS.matcher(parameters).matches()) {
      String types = String.join(", ", accepted);
      String header = request.method().equals("PATCH") ? "Accept-Patch" : "Accept";
      throw new ProblemException(
          new Problem(
              ProblemType.UNSUPPORTED_MEDIA_TYPE,
              "The body must be JSON in UTF-8, sent as " + types + ".",
              List.of(),
              Map.of(header, types)));
    }
  }
}

package dev.asyncitems.http;

import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** The header {@code Content-Encoding} (RFC 9110, 8.4). */
final class ContentEncoding {
  private static final String IDENTITY = "identity";

  private ContentEncoding() {}

  /**
   * Checks that the body has no content coding, such as gzip.
   *
   * @throws ProblemException 415 with {@code Accept-Encoding}, which tells clients that the media
   *     type is not at fault (RFC 9110, 12.5.3)
   */
  static void require(Request request) {
    String codings = request.header("Content-Encoding").orElse("");
    boolean plain =
        Stream.of(codings.split(",", -1))
            .map(String::strip)
            .allMatch(coding -> coding.isEmpty() || coding.equalsIgnoreCase(IDENTITY));
    if (!plain) {
      throw new ProblemException(
          new Problem(
              ProblemType.UNSUPPORTED_MEDIA_TYPE,
              "The body must not be compressed. Send it as it is, without Content-Encoding.",
              List.of(),
              Map.of("Accept-Encoding", IDENTITY)));
    }
  }
}

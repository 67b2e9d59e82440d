package dev.asyncitems.http;

import dev.asyncitems.idempotency.IdempotencyKey;
import dev.asyncitems.json.Json;
import dev.asyncitems.paging.PageRequest;
import dev.asyncitems.paging.Position;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * A reader of a request's query, headers and body. It collects faults, reads a malformed part as
 * absent, and reports all faults in {@link #check}. Not thread-safe.
 */
public final class Input {
  /** The maximum size of a decoded body, in bytes. */
  public static final int MAX_BODY_BYTES = 256 * 1024;

  private static final Pattern IDEMPOTENCY_KEY = Pattern.compile("[!-~]([ -~]{0,253}[!-~])?");
  private static final Pattern WHOLE_NUMBER = Pattern.compile("[0-9]{1,9}");

  private final Request request;
  private final Query query;
  private final List<Violation> faults = new ArrayList<>();

  Input(Request request) {
    this.request = request;
    this.query = new Query(request.rawQuery());
  }

  /** Reads a query parameter and decodes it. An empty or repeated parameter is malformed. */
  public Optional<String> parameter(String name) {
    return parameter(name, "must be percent-encoded UTF-8", Optional::of);
  }

  /**
   * Reads a query parameter.
   *
   * @param form the violation's detail for a malformed value, such as {@code must be a date}
   * @param reader converts the decoded value; an empty result makes the parameter malformed
   */
  public <T> Optional<T> parameter(String name, String form, Function<String, Optional<T>> reader) {
    List<String> values = query.values(name);
    if (values.isEmpty()) {
      return Optional.empty();
    }
    if (values.size() > 1) {
      faults.add(Violation.parameter(name, "must not be repeated"));
      return Optional.empty();
    }
    String value = values.getFirst();
    if (value.isEmpty()) {
      faults.add(Violation.parameter(name, "must not be empty"));
      return Optional.empty();
    }
    Optional<T> read = Query.decode(value).flatMap(reader);
    if (read.isEmpty()) {
      faults.add(Violation.parameter(name, form));
    }
    return read;
  }

  /** Reads a required query parameter. Returns an empty string if it is missing or malformed. */
  public String requiredParameter(String name) {
    if (query.values(name).isEmpty()) {
      faults.add(Violation.parameter(name, "is required"));
    }
    return parameter(name).orElse("");
  }

  /** Reads {@code limit} and {@code cursor}. */
  public PageRequest page(Listing list) {
    int limit =
        parameter(
                "limit",
                "must be a whole number from "
                    + PageRequest.MIN_LIMIT
                    + " to "
                    + PageRequest.MAX_LIMIT,
                Input::limit)
            .orElse(PageRequest.DEFAULT_LIMIT);
    Optional<Position> after =
        parameter(
            "cursor",
            "must be the nextCursor of a page of this list with the same filter",
            cursor -> Cursor.read(list.name(), cursor));
    return new PageRequest(limit, after);
  }

  private static Optional<Integer> limit(String text) {
    return Optional.of(text)
        .filter(digits -> WHOLE_NUMBER.matcher(digits).matches())
        .map(Integer::valueOf)
        .filter(limit -> limit >= PageRequest.MIN_LIMIT && limit <= PageRequest.MAX_LIMIT);
  }

  /** Reads {@code If-Match} and {@code If-None-Match}. */
  public Preconditions preconditions() {
    return new Preconditions(entityTags("If-Match"), entityTags("If-None-Match"));
  }

  private Optional<EntityTags> entityTags(String header) {
    Optional<String> value = request.header(header);
    Optional<EntityTags> tags = value.flatMap(EntityTags::parse);
    if (value.isPresent() && tags.isEmpty()) {
      faults.add(Violation.header(header, "must be * or a list of entity tags in quotes"));
    }
    return tags;
  }

  public boolean acceptsGzip() {
    return request.header("Accept-Encoding").filter(AcceptEncoding::acceptsGzip).isPresent();
  }

  /**
   * Reads {@code Idempotency-Key}. The fingerprint covers the method, the path, and the decoded
   * body with its media type. For a GET, it covers the query instead of the body.
   *
   * @param parameters the query parameters that the fingerprint of a GET covers, decoded; if empty,
   *     the fingerprint covers the query string as sent
   */
  public Optional<IdempotencyKey> idempotencyKey(String... parameters) {
    String name = "Idempotency-Key";
    Optional<String> key = request.header(name);
    if (key.isPresent() && !IDEMPOTENCY_KEY.matcher(key.get()).matches()) {
      faults.add(Violation.header(name, "must be 1 to 255 printable ASCII characters"));
      return Optional.empty();
    }
    // The subject's hash has a fixed length, which keeps the keys of different callers apart.
    String caller =
        request
            .subject()
            .map(subject -> "subject " + sha256(subject.getBytes(StandardCharsets.UTF_8)))
            .orElse("anyone");
    String sent =
        request.method().equals("GET")
            ? sha256(queried(parameters).getBytes(StandardCharsets.UTF_8))
            : mediaType(MediaType.NDJSON) + sha256(body().orElseGet(() -> new byte[0]));
    String fingerprint = request.method() + " " + Request.withoutSlash(request.path()) + " " + sent;
    return key.map(value -> new IdempotencyKey(caller + " " + value, fingerprint));
  }

  // JSON is the default, so that its fingerprints need no type.
  private String mediaType(String other) {
    return mediaType().equals(other) ? other + " " : "";
  }

  private String queried(String... parameters) {
    return parameters.length == 0
        ? request.rawQuery()
        : Arrays.stream(parameters)
            .flatMap(name ->
                query.values(name).stream()
                    .map(value -> name + "=" + Query.decode(value).orElse(value)))
            .collect(Collectors.joining("\0"));
  }

  /** Returns the body's media type in lower case, without parameters. The default is JSON. */
  public String mediaType() {
    return MediaType.of(request);
  }

  /**
   * Reads the body as JSON. A body without a content type counts as JSON.
   *
   * @return the value; JSON's {@code null} if the body is malformed
   * @throws ProblemException 413 or 415, before any other fault is reported
   */
  public Json json(String... mediaTypes) {
    return body(Json::parse, new Json.Null(), mediaTypes);
  }

  /**
   * Reads the body.
   *
   * @param reader converts the decoded body
   * @param malformed the value to return if the body is malformed
   * @throws ProblemException 413 or 415, before any other fault is reported
   */
  public <T> T body(Reader<T> reader, T malformed, String... mediaTypes) {
    Optional<byte[]> body = body();
    if (body.filter(content -> content.length > MAX_BODY_BYTES).isPresent()) {
      throw new ProblemException(
          Problem.of(
              ProblemType.CONTENT_TOO_LARGE,
              "The body must be at most " + MAX_BODY_BYTES + " bytes long."));
    }
    ContentEncoding.require(request);
    MediaType.require(request, List.of(mediaTypes));
    try {
      return reader.read(
          ByteBuffer.wrap(
              body.orElseThrow(() -> new Json.Malformed("cannot be decoded from base64"))));
    } catch (Json.Malformed e) {
      faults.add(Violation.at("", "the body " + e.getMessage()));
      return malformed;
    }
  }

  /** A reader of a decoded body. */
  @FunctionalInterface
  public interface Reader<T> {
    /** Converts the body, or throws an exception that says how it is malformed. */
    T read(ByteBuffer body) throws Json.Malformed;
  }

  private Optional<byte[]> body() {
    String body = request.body().orElse("");
    if (!request.bodyIsBase64()) {
      return Optional.of(body.getBytes(StandardCharsets.UTF_8));
    }
    try {
      return Optional.of(Base64.getDecoder().decode(body));
    } catch (IllegalArgumentException e) {
      return Optional.empty();
    }
  }

  /** Throws a {@link ProblemException} (400) with all faults, if there are any. */
  void check() {
    if (!faults.isEmpty()) {
      throw new ProblemException(Problem.malformed(faults));
    }
  }

  private static String sha256(byte[] bytes) {
    try {
      return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JVM has SHA-256", e);
    }
  }
}

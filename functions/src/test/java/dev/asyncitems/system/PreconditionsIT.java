package dev.asyncitems.system;

import static dev.asyncitems.system.BadInputIT.assertProblem;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import dev.asyncitems.system.Api.Answer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiPredicate;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * {@code If-Match} and {@code If-None-Match}, in all combinations, for every method of every
 * resource with an ETag. A model of RFC 9110, independent of the code, gives the expected answer.
 */
@EndToEnd
final class PreconditionsIT {
  private static final String ITEM = "/items/{id}";
  private static final String NO_ITEM = "/items/01890000-0000-7000-8000-000000000000";
  private static final String NO_FILE = "/docs/nothing.css";
  private static final Map<String, String> BODIES =
      Map.of("PUT", "{\"name\":\"Torch\",\"price\":2}", "PATCH", "{\"price\":2}");

  private final Api api;

  PreconditionsIT(Api api) {
    this.api = api;
  }

  /** A header value. {@code TAG} stands for the current ETag. */
  enum Sent {
    ABSENT(""),
    MATCHING("TAG"),
    NOT_MATCHING("\"other\""),
    ANY("*"),
    WEAK("W/TAG"),
    LIST("W/\"other\", \"\" ,TAG"),
    MALFORMED("0");

    private final String form;

    Sent(String form) {
      this.form = form;
    }

    Optional<String> value(String tag) {
      return this == ABSENT ? Optional.empty() : Optional.of(form.replace("TAG", tag));
    }
  }

  /**
   * Returns all requests. Only the functions see two headers together: a gateway passes each one by
   * itself. So behind another gateway than the local run's, a request has at most one.
   */
  static Stream<Arguments> requests() {
    List<Arguments> all = new ArrayList<>();
    for (Sent ifMatch : Sent.values()) {
      for (Sent ifNoneMatch : Sent.values()) {
        if (Gateway.current() != Gateway.LOCAL_RUN
            && ifMatch != Sent.ABSENT
            && ifNoneMatch != Sent.ABSENT) {
          continue;
        }
        for (String method : List.of("GET", "PUT", "PATCH", "DELETE")) {
          all.add(arguments(method, ITEM, ifMatch, ifNoneMatch));
          all.add(arguments(method, NO_ITEM, ifMatch, ifNoneMatch));
        }
        for (String path :
            List.of("/openapi.json", "/docs", "/docs/page.css", "/problems/not-found", NO_FILE)) {
          all.add(arguments("GET", path, ifMatch, ifNoneMatch));
        }
      }
    }
    return all.stream();
  }

  // ---- model

  /** Returns the status of a request with valid content (RFC 9110, 13.2.2). */
  private static int expected(
      String method, String path, String tag, Optional<String> match, Optional<String> noneMatch) {
    boolean malformed = match.equals(Optional.of("0")) || noneMatch.equals(Optional.of("0"));
    if (path.equals(NO_FILE)) {
      return 404; // The path does not exist, whatever the headers.
    }
    if (malformed) {
      return 400;
    }
    if (path.equals(NO_ITEM)) {
      return 404;
    }
    if (match.isPresent() && !names(match.get(), tag, PreconditionsIT::strong)) {
      return 412;
    }
    if (noneMatch.isPresent() && names(noneMatch.get(), tag, PreconditionsIT::weak)) {
      return method.equals("GET") ? 304 : 412;
    }
    return method.equals("DELETE") ? 204 : 200;
  }

  private static boolean names(String list, String tag, BiPredicate<String, String> comparison) {
    return list.equals("*")
        || Stream.of(list.split(",", -1)).anyMatch(one -> comparison.test(one.strip(), tag));
  }

  // Strong comparison, RFC 9110, 8.8.3.2.
  private static boolean strong(String one, String other) {
    return !one.startsWith("W/") && !other.startsWith("W/") && one.equals(other);
  }

  private static boolean weak(String one, String other) {
    return one.replaceFirst("^W/", "").equals(other.replaceFirst("^W/", ""));
  }

  // ---- tests of the API

  @ParameterizedTest
  @MethodSource("requests")
  void areEvaluatedAsTheRfcSays(String method, String form, Sent ifMatch, Sent ifNoneMatch)
      throws Exception {
    boolean item = form.equals(ITEM);
    String path = item ? create() : form;
    Answer before = api.get(path);
    String tag = before.status() == 200 ? before.header("ETag") : "\"1\"";
    Optional<String> match = ifMatch.value(tag);
    Optional<String> noneMatch = ifNoneMatch.value(tag);
    List<String> headers = new ArrayList<>();
    match.ifPresent(value -> headers.addAll(List.of("If-Match", value)));
    noneMatch.ifPresent(value -> headers.addAll(List.of("If-None-Match", value)));

    Answer answer = send(method, path, headers);

    int expected = expected(method, form, tag, match, noneMatch);
    assertThat(answer.status()).as(answer.toString()).isEqualTo(expected);
    switch (expected) {
      case 200 -> assertThat(answer.header("ETag")).isEqualTo(method.equals("GET") ? tag : "\"2\"");
      case 304 -> {
        assertThat(answer.header("ETag")).isEqualTo(tag);
        assertThat(answer.text()).isEmpty();
      }
      case 400 -> assertNamesTheMalformed(answer, ifMatch, ifNoneMatch);
      case 404 -> assertProblem(answer, 404, "/problems/not-found");
      case 412 -> assertProblem(answer, 412, "/problems/precondition-failed");
      default -> assertThat(expected).isEqualTo(204);
    }
    if (item) {
      Answer after = api.get(path);
      assertThat(after.header("ETag"))
          .as("ETag after the request")
          .isEqualTo(
              expected == 204 ? "" : expected == 200 && !method.equals("GET") ? "\"2\"" : tag);
    }
  }

  private static void assertNamesTheMalformed(Answer answer, Sent ifMatch, Sent ifNoneMatch) {
    assertProblem(answer, 400, "/problems/malformed-request");
    List<String> named =
        answer
            .json()
            .required("violations")
            .valueStream()
            .map(violation -> violation.required("header").asString())
            .toList();
    List<String> malformed = new ArrayList<>();
    if (ifMatch == Sent.MALFORMED) {
      malformed.add("If-Match");
    }
    if (ifNoneMatch == Sent.MALFORMED) {
      malformed.add("If-None-Match");
    }
    assertThat(named).isEqualTo(malformed);
  }

  @Test
  void datesAreIgnored() throws Exception {
    String path = create();
    for (String date : List.of("Thu, 01 Jan 1970 00:00:00 GMT", "Fri, 01 Jan 2100 00:00:00 GMT")) {
      for (String header : List.of("If-Modified-Since", "If-Unmodified-Since")) {
        for (String read : List.of(path, "/openapi.json", "/docs", "/problems/not-found")) {
          assertThat(api.get(read, header, date).status()).as(read).isEqualTo(200);
        }
        for (String method : List.of("PUT", "PATCH")) {
          assertThat(send(method, path, List.of(header, date)).status()).isEqualTo(200);
        }
      }
    }
    assertThat(send("DELETE", path, List.of("If-Unmodified-Since", "nonsense")).status())
        .isEqualTo(204);
  }

  /** The plain and the compressed form of a file have different ETags. */
  @Test
  void aFileIsComparedInTheFormThatTheClientTakes() throws Exception {
    String plain = api.get("/docs").header("ETag");
    String compressed = api.get("/docs", "Accept-Encoding", "gzip").header("ETag");

    assertThat(api.get("/docs", "If-Match", compressed).status()).isEqualTo(412);
    assertThat(api.get("/docs", "If-Match", plain, "Accept-Encoding", "gzip").status())
        .isEqualTo(412);
    assertThat(api.get("/docs", "If-Match", compressed, "Accept-Encoding", "gzip").status())
        .isEqualTo(200);
  }

  /** Resources without an ETag ignore both headers: docs/decisions/0025-preconditions.md. */
  @Test
  void whatHasNoEtagHasNoPreconditions() throws Exception {
    String item = "{\"name\":\"Lamp\",\"price\":1}";
    for (String header : List.of("If-Match", "If-None-Match")) {
      for (String value : List.of("*", "\"1\"", "0")) {
        assertThat(api.get("/items", header, value).status()).isEqualTo(200);
        assertThat(api.get("/data", header, value).status()).isEqualTo(200);
        assertThat(api.send("POST", "/items", item, header, value).status()).isEqualTo(201);
        Answer sent = api.send("POST", "/notifications", "{\"message\":\"a\"}", header, value);
        assertThat(sent.status()).isEqualTo(202);
        assertThat(api.get(sent.header("Location"), header, value).status()).isEqualTo(200);
      }
    }
  }

  private String create() throws Exception {
    return api.send("POST", "/items", "{\"name\":\"Lamp\",\"price\":1}").header("Location");
  }

  private Answer send(String method, String path, List<String> headers) throws Exception {
    return api.send(method, path, BODIES.getOrDefault(method, ""), headers.toArray(String[]::new));
  }
}

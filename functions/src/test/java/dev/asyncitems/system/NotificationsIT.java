package dev.asyncitems.system;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.asyncitems.local.LocalRun;
import dev.asyncitems.system.Api.Answer;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/** Notifications over HTTP: accepting, logging in the background, and reading. */
@EndToEnd
final class NotificationsIT {
  private static final String ID =
      "[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}";
  private static final String TIME = "\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d\\.\\d{3}Z";
  private static final Duration SOON = Duration.ofSeconds(20);

  private final Api api;

  NotificationsIT(Api api) {
    this.api = api;
  }

  @Test
  void acceptsANotificationAndLogsItWithinTwoSeconds() throws Exception {
    Answer accepted =
        api.send(
            "POST",
            "/notifications",
            "{\"message\": \"Hello \\uD83D\\uDE00\"}",
            "Content-Type",
            "application/json");

    assertThat(accepted.status()).isEqualTo(202);
    assertThat(accepted.header("Content-Type")).isEqualTo("application/json");
    assertThat(accepted.header("Location")).isEqualTo("/notifications/" + accepted.text("id"));
    assertThat(accepted.header("Idempotent-Replayed")).isEmpty();
    assertThat(accepted.text())
        .matches(
            "\\{\"id\":\""
                + ID
                + "\",\"message\":\"Hello \uD83D\uDE00\",\"status\":\"queued\",\"attempts\":0,"
                + "\"createdAt\":\""
                + TIME
                + "\"}");

    await()
        .atMost(SOON)
        .until(() -> api.get(accepted.header("Location")).text("status").equals("logged"));
    Answer logged = api.get(accepted.header("Location"));
    assertThat(logged.status()).isEqualTo(200);
    assertThat(logged.text())
        .matches(
            "\\{\"id\":\""
                + accepted.text("id")
                + "\",\"message\":\"Hello \uD83D\uDE00\",\"status\":\"logged\",\"attempts\":1,"
                + "\"createdAt\":\""
                + accepted.text("createdAt")
                + "\",\"loggedAt\":\""
                + TIME
                + "\"}");
    assertThat(Instant.parse(logged.text("loggedAt")))
        .isBetween(
            Instant.parse(logged.text("createdAt")),
            Instant.parse(logged.text("createdAt")).plus(SOON));
  }

  @ParameterizedTest
  @ValueSource(strings = {"/send-notification", "/send-notification/"})
  void acceptsANotificationByGet(String path) throws Exception {
    Gateway.notApplicable(
        Gateway.MINISTACK, path.endsWith("/"), "it sends paths that end in a slash to $default");

    Answer sent = api.get(path + "?message=Hello+from%20%C3%A9%2B");

    assertThat(sent.status()).isEqualTo(200);
    assertThat(sent.header("Content-Type")).isEqualTo("application/json");
    assertThat(sent.header("Cache-Control")).isEqualTo("no-store");
    assertThat(sent.header("Location")).isEmpty();
    assertThat(sent.text())
        .matches("\\{\"message\":\"Notification sent in the background\",\"id\":\"" + ID + "\"}");
    Answer logged = logged(sent.text("id"));
    assertThat(logged.text("message")).isEqualTo("Hello from \u00e9+");
  }

  @Test
  @NotApplicable(because = "the consumer is made to rest")
  void showsANotificationAsQueuedUntilItIsLogged(LocalRun run) throws Exception {
    run.pausePollers();
    Answer accepted;
    try {
      accepted = post("wait for it");
      assertThat(api.get(accepted.header("Location")).text()).isEqualTo(accepted.text());
      await().atMost(SOON).until(() -> ids("?status=queued").contains(accepted.text("id")));
      assertThat(ids("?status=logged")).doesNotContain(accepted.text("id"));
      assertThat(ids("?status=failed")).doesNotContain(accepted.text("id"));
      assertThat(ids("")).contains(accepted.text("id"));
    } finally {
      run.resumePollers();
    }

    logged(accepted.text("id"));

    await()
        .atMost(SOON)
        .until(() ->
            !ids("?status=queued").contains(accepted.text("id"))
                && ids("?status=logged").contains(accepted.text("id")));
  }

  @Test
  void givesAnIdempotentPostOneEffectAndTheFirstAnswerAgain() throws Exception {
    String key = UUID.randomUUID().toString();
    String body = "{\"message\":\"once\"}";
    Answer first = api.send("POST", "/notifications", body, "Idempotency-Key", key);
    assertThat(first.status()).isEqualTo(202);
    assertThat(first.header("Idempotent-Replayed")).isEmpty();
    logged(first.text("id"));

    Answer again =
        api.send("POST", "/notifications" + Gateway.slash(), body, "idempotency-key", key);

    assertThat(again.status()).isEqualTo(202);
    assertThat(again.text()).isEqualTo(first.text());
    assertThat(again.header("Location")).isEqualTo(first.header("Location"));
    assertThat(again.header("Idempotent-Replayed")).isEqualTo("true");
    assertThat(newest(20)).filteredOn(row -> text(row, "message").equals("once")).hasSize(1);
    // A second message must not change the row either.
    assertThat(api.get(first.header("Location")).json().required("attempts").asInt()).isEqualTo(1);
  }

  @Test
  void refusesAnIdempotencyKeyThatAnotherRequestUsed() throws Exception {
    String key = UUID.randomUUID().toString();
    String[] header = {"Idempotency-Key", key};
    api.send("POST", "/notifications", "{\"message\":\"mine\"}", header);

    for (Answer rejected :
        List.of(
            api.send("POST", "/notifications", "{\"message\":\"other\"}", header),
            api.send("POST", "/notifications", "{ \"message\":\"mine\"}", header),
            api.get("/send-notification?message=mine", header))) {
      assertThat(rejected.status()).isEqualTo(422);
      assertThat(rejected.text("type")).isEqualTo("/problems/idempotency-key-reused");
      assertThat(rejected.header("Idempotent-Replayed")).isEmpty();
    }
  }

  @Test
  void givesAnIdempotentGetOneEffectAndTheFirstAnswerAgain() throws Exception {
    String key = UUID.randomUUID().toString();
    String[] header = {"Idempotency-Key", key};
    Answer first = api.get("/send-notification?message=only+once", header);
    assertThat(first.status()).isEqualTo(200);

    Answer again =
        api.get("/send-notification" + Gateway.slash() + "?message=only%20once&other=1", header);
    Answer other = api.get("/send-notification?message=twice", header);

    assertThat(again.status()).isEqualTo(200);
    assertThat(again.text()).isEqualTo(first.text());
    assertThat(again.header("Cache-Control")).isEqualTo("no-store");
    assertThat(again.header("Idempotent-Replayed")).isEqualTo("true");
    assertThat(other.status()).isEqualTo(422);
    assertThat(newest(20)).filteredOn(row -> text(row, "message").equals("only once")).hasSize(1);
  }

  @Test
  void doesNotRememberTheKeyOfARejectedRequest() throws Exception {
    String key = UUID.randomUUID().toString();
    assertThat(api.send("POST", "/notifications", "{\"message\":\" \"}", "Idempotency-Key", key))
        .extracting(Answer::status)
        .isEqualTo(422);

    Answer sent =
        api.send("POST", "/notifications", "{\"message\":\"better\"}", "Idempotency-Key", key);

    assertThat(sent.status()).isEqualTo(202);
    assertThat(sent.header("Idempotent-Replayed")).isEmpty();
  }

  @Test
  @NotApplicable(because = "a day passes by the clock of a run")
  void forgetsAnIdempotencyKeyAfter24HoursThoughItsRecordIsStillThere() throws Exception {
    TestClock clock = new TestClock();
    try (LocalRun ownRun = Lane.run().clock(clock).withoutPollers().start()) {
      Api own = new Api(ownRun.uri());
      String[] header = {"Idempotency-Key", "the key"};
      String body = "{\"message\":\"a day later\"}";
      Answer first = own.send("POST", "/notifications", body, header);

      clock.advance(Duration.ofHours(24).minusSeconds(1));
      Answer justBefore = own.send("POST", "/notifications", body, header);
      clock.advance(Duration.ofSeconds(1));
      Answer after = own.send("POST", "/notifications", "{\"message\":\"another\"}", header);
      Answer afterAgain = own.send("POST", "/notifications", "{\"message\":\"another\"}", header);

      assertThat(justBefore.text()).isEqualTo(first.text());
      assertThat(justBefore.header("Idempotent-Replayed")).isEqualTo("true");
      assertThat(after.status()).isEqualTo(202);
      assertThat(after.header("Idempotent-Replayed")).isEmpty();
      assertThat(after.text("id")).isNotEqualTo(first.text("id"));
      assertThat(afterAgain.text()).isEqualTo(after.text());
      assertThat(afterAgain.header("Idempotent-Replayed")).isEqualTo("true");
      assertThat(own.get("/notifications").json().required("notifications").size()).isEqualTo(2);
    }
  }

  @Test
  void listsNotificationsNewestFirstPageByPage() throws Exception {
    List<String> sent = sentAndLogged(6);
    sent.sort(Comparator.reverseOrder());
    await().atMost(SOON).until(() -> ids("?limit=6").equals(sent));

    Answer page = api.get("/notifications?limit=2");
    List<String> walked = new ArrayList<>(ids(page));
    for (int i = 0; i < 2; i++) {
      String cursor = page.text("nextCursor");
      assertThat(page.header("Link"))
          .isEqualTo("</notifications?limit=2&cursor=" + cursor + ">; rel=\"next\"");
      page = api.get("/notifications?limit=2&cursor=" + cursor);
      assertThat(page.status()).isEqualTo(200);
      assertThat(ids(page)).hasSize(2);
      walked.addAll(ids(page));
    }

    assertThat(walked).isEqualTo(sent);
    assertThat(page.json().required("notifications").get(1))
        .isEqualTo(api.get("/notifications/" + sent.getLast()).json());
  }

  @Test
  void filtersByStatusAndKeepsTheFilterInItsLinks() throws Exception {
    List<String> sent = sentAndLogged(3);

    Answer page = api.get("/notifications?status=logged&limit=1");
    String cursor = page.text("nextCursor");

    assertThat(page.header("Link"))
        .isEqualTo("</notifications?status=logged&limit=1&cursor=" + cursor + ">; rel=\"next\"");
    List<String> walked = new ArrayList<>();
    while (!walked.containsAll(sent)) {
      page.json()
          .required("notifications")
          .forEach(row -> assertThat(text(row, "status")).isEqualTo("logged"));
      walked.addAll(ids(page));
      page = api.get("/notifications?status=logged&limit=1&cursor=" + page.text("nextCursor"));
    }
    assertThat(walked).doesNotHaveDuplicates();
    assertThat(api.get("/notifications?limit=1&cursor=" + cursor).status()).isEqualTo(400);
    assertThat(api.get("/notifications?status=queued&cursor=" + cursor).status()).isEqualTo(400);
  }

  @ParameterizedTest
  @ValueSource(strings = {"LOGGED", "done", "", "queued&status=failed", "%20queued"})
  void refusesAStatusThatIsNone(String status) throws Exception {
    Answer rejected = api.get("/notifications?status=" + status);

    assertThat(rejected.status()).isEqualTo(400);
    assertThat(violations(rejected, "parameter")).containsExactly("status");
  }

  @Test
  void deletesANotificationFromEverythingThatShowsIt() throws Exception {
    String message = "delete me " + UUID.randomUUID();
    String id = post(message).text("id");
    logged(id);

    Answer deleted = api.send("DELETE", "/notifications/" + id, "");

    assertThat(deleted.status()).as(deleted.toString()).isEqualTo(204);
    assertThat(deleted.text()).isEmpty();
    assertThat(api.get("/notifications/" + id).status()).isEqualTo(404);
    for (String list :
        List.of(
            "/notifications?limit=100",
            "/notifications?limit=100&status=queued",
            "/notifications?limit=100&status=logged",
            "/notifications?limit=100&status=failed",
            "/data")) {
      await()
          .atMost(SOON)
          .untilAsserted(() -> assertThat(api.get(list).text()).doesNotContain(message));
    }
    assertThat(api.send("DELETE", "/notifications/" + id, "").status()).isEqualTo(404);
  }

  @Test
  void theIdempotencyRecordOutlivesItsNotification() throws Exception {
    String[] key = {"Idempotency-Key", UUID.randomUUID().toString()};
    String body = "{\"message\":\"remembered\"}";
    Answer first = api.send("POST", "/notifications", body, key);
    api.send("DELETE", first.header("Location"), "");

    Answer again = api.send("POST", "/notifications", body, key);

    assertThat(again.text()).isEqualTo(first.text());
    assertThat(api.get(first.header("Location")).status()).isEqualTo(404);
  }

  @Test
  void readsANotificationByItsIdInAnyCase() throws Exception {
    Answer accepted = post("any case");

    Answer read =
        api.get(
            accepted
                .header("Location")
                .toUpperCase(Locale.ROOT)
                .replace("/NOTIFICATIONS", "/notifications"));

    assertThat(read.status()).isEqualTo(200);
    assertThat(read.text("id")).isEqualTo(accepted.text("id"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"019bc0fe-749b-79d1-ab7f-05c3d8e46a19", "nope", "%20", "1-1-1-1-1"})
  void tellsThatNothingHasAnId(String id) throws Exception {
    for (String method : List.of("GET", "DELETE")) {
      Answer missing = api.send(method, "/notifications/" + id, "");

      assertThat(missing.status()).isEqualTo(404);
      assertThat(missing.header("Content-Type")).isEqualTo("application/problem+json");
      assertThat(missing.text("type")).isEqualTo("/problems/not-found");
    }
  }

  @Test
  void countsCodePointsNotCharacters() throws Exception {
    String most = "\uD83D\uDE00".repeat(4_096);

    Answer accepted = post(most);

    assertThat(accepted.text("message")).isEqualTo(most);
    assertThat(logged(accepted.text("id")).text("message")).isEqualTo(most);
    Answer tooLong = postBody("{\"message\":\"" + "\uD83D\uDE00".repeat(4_097) + "\"}");
    assertThat(tooLong.status()).isEqualTo(422);
    assertThat(violations(tooLong, "pointer")).containsExactly("/message");
    assertThat(tooLong.text()).contains("4096").contains("4097");
  }

  @Test
  void keepsTheLinesOfAMessage() throws Exception {
    Answer accepted = postBody("{\"message\":\"\\tone\\r\\ntwo\\n\"}");

    assertThat(accepted.status()).isEqualTo(202);
    assertThat(accepted.text("message")).isEqualTo("\tone\r\ntwo\n");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "\"\"",
        "\" \"",
        "\"\\t\\r\\n\"",
        "\"\\u00a0\\u2003\\u3000\\u0085\"",
        "\"a\\u0000\"",
        "\"\\u001b[0m\"",
        "\"\\u007f\"",
        "\"\\u009f\"",
        "\"\\ud800\"",
        "null",
        "1",
        "[\"a\"]",
      })
  void refusesAMessageThatIsNone(String message) throws Exception {
    Answer rejected = postBody("{\"message\":" + message + "}");

    assertThat(rejected.status()).as(rejected.toString()).isEqualTo(422);
    assertThat(rejected.header("Content-Type")).isEqualTo("application/problem+json");
    assertThat(violations(rejected, "pointer")).isNotEmpty().containsOnly("/message");
  }

  @Test
  void namesEveryFaultOfABodyAtOnce() throws Exception {
    Answer rejected = postBody("{\"status\":\"logged\",\"mesage\":\"a\"}");

    assertThat(rejected.status()).isEqualTo(422);
    assertThat(violations(rejected, "pointer"))
        .containsExactlyInAnyOrder("/message", "/status", "/mesage");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ' ',
      value = {
        "/send-notification 400",
        "/send-notification? 400",
        "/send-notification?Message=a 400",
        "/send-notification?message 400",
        "/send-notification?message= 400",
        "/send-notification?message=a&message=a 400",
        "/send-notification?message=a&%6Dessage=b 400",
        "/send-notification?message=%C3%28 400",
        "/send-notification?message=%20 422",
        "/send-notification?message=+%E2%80%83 422",
        "/send-notification?message=a%00 422",
        "/send-notification?message=%C2%85a 422",
      })
  void refusesAMessageInAQueryThatIsNone(String target, int status) throws Exception {
    Answer rejected = api.get(target);

    assertThat(rejected.status()).as(rejected.toString()).isEqualTo(status);
    assertThat(violations(rejected, "parameter")).isNotEmpty().containsOnly("message");
  }

  @Test
  void refusesAMessageInAQueryThatIsTooLong() throws Exception {
    assertThat(api.get("/send-notification?message=" + "a".repeat(4_096)).status()).isEqualTo(200);
    assertThat(api.get("/send-notification?message=" + "a".repeat(4_097)).status()).isEqualTo(422);
  }

  @ParameterizedTest
  @ValueSource(strings = {"/notifications", "/send-notification?message=a"})
  void refusesAMalformedIdempotencyKey(String target) throws Exception {
    String method = target.equals("/notifications") ? "POST" : "GET";
    String body = method.equals("POST") ? "{\"message\":\"a\"}" : "";

    Answer longest =
        api.send(
            method,
            target,
            body,
            "Idempotency-Key",
            "k".repeat(254) + (method.equals("POST") ? 1 : 2));
    Answer tooLong = api.send(method, target, body, "Idempotency-Key", "k".repeat(256));

    assertThat(longest.status()).isLessThan(300);
    assertThat(tooLong.status()).isEqualTo(400);
    assertThat(violations(tooLong, "header")).containsExactly("Idempotency-Key");
  }

  private Answer post(String message) throws Exception {
    Answer accepted = postBody(Api.JSON.writeValueAsString(Map.of("message", message)));
    assertThat(accepted.status()).as(accepted.toString()).isEqualTo(202);
    return accepted;
  }

  private Answer postBody(String body) throws Exception {
    return api.send("POST", "/notifications", body);
  }

  private List<String> sentAndLogged(int count) throws Exception {
    List<String> ids = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      String id = post("message " + i).text("id");
      logged(id);
      ids.add(id);
    }
    return ids;
  }

  private Answer logged(String id) throws Exception {
    await()
        .atMost(Duration.ofSeconds(10))
        .until(() -> api.get("/notifications/" + id).text("status").equals("logged"));
    return api.get("/notifications/" + id);
  }

  private List<JsonNode> newest(int limit) throws Exception {
    List<JsonNode> rows = new ArrayList<>();
    api.get("/notifications?limit=" + limit).json().required("notifications").forEach(rows::add);
    return rows;
  }

  private List<String> ids(String query) throws Exception {
    return ids(api.get("/notifications" + query));
  }

  private static List<String> ids(Answer page) {
    List<String> ids = new ArrayList<>();
    page.json().required("notifications").forEach(row -> ids.add(text(row, "id")));
    return ids;
  }

  private static List<String> violations(Answer problem, String place) {
    List<String> names = new ArrayList<>();
    problem.json().required("violations").forEach(fault -> names.add(text(fault, place)));
    return names;
  }

  private static String text(JsonNode object, String member) {
    return object.required(member).asString();
  }
}

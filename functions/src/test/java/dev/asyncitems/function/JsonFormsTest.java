package dev.asyncitems.function;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.asyncitems.http.EntityTags;
import dev.asyncitems.http.Preconditions;
import dev.asyncitems.http.Problem;
import dev.asyncitems.http.ProblemException;
import dev.asyncitems.http.ProblemType;
import dev.asyncitems.http.Violation;
import dev.asyncitems.item.Item;
import dev.asyncitems.item.ItemContent;
import dev.asyncitems.item.ItemId;
import dev.asyncitems.item.ItemPatch;
import dev.asyncitems.item.Price;
import dev.asyncitems.item.VersionMatch;
import dev.asyncitems.json.Json;
import dev.asyncitems.notification.Notification;
import dev.asyncitems.notification.NotificationId;
import dev.asyncitems.outbox.TaskStatus;
import dev.asyncitems.rejection.Rejection;
import dev.asyncitems.rejection.Result;
import java.math.BigDecimal;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Items and notifications as clients send and get them. */
final class JsonFormsTest {
  private static final UUID ID = UUID.fromString("019bc0fd-8a3b-73a5-9c4e-8b2d6f90a173");
  private static final Instant TIME = Instant.parse("2026-01-15T09:32:00Z");
  private static final ItemContent LAMP =
      new ItemContent(
          "lamp", Optional.of("bright"), new Price(new BigDecimal("1.50")), List.of("home"));
  private static final String LAMP_TEXT =
      "{\"name\":\"lamp\",\"description\":\"bright\",\"price\":1.5,\"tags\":[\"home\"]}";

  @Test
  void contentIsReadWithItsOptionalMembersAbsentOrNull() {
    assertThat(ItemJson.content(json(LAMP_TEXT))).isEqualTo(LAMP);
    ItemContent least =
        new ItemContent("n", Optional.empty(), new Price(BigDecimal.ZERO), List.of());
    assertThat(ItemJson.content(json("{\"name\":\"n\",\"price\":-0}"))).isEqualTo(least);
    assertThat(
            ItemJson.content(
                json("{\"name\":\"n\",\"price\":0e999999999,\"tags\":null,\"description\":null}")))
        .isEqualTo(least);
  }

  @Test
  void everyFaultOfABodyIsNamedAtOnce() {
    assertThat(
            violations(() ->
                ItemJson.content(
                    json(
                        """
                        {"name":" ","description":"\\u0000","price":1e999,"tags":["a","a",""],
                         "id":"x","a/b":null}
                        """))))
        .extracting(Violation::name)
        .containsExactly("/name", "/description", "/price", "/tags/1", "/tags/2", "/id", "/a~1b");
    assertThat(violations(() -> ItemJson.content(json("{}"))))
        .extracting(Violation::name)
        .containsExactly("/name", "/price");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "1e999",
        "1e-999999999",
        "100e2147483647",
        "1e99999999999",
        "-0.01",
        "0.001",
        "\"1\"",
        "null"
      })
  void aPriceThatIsNoneIsOneFault(String price) {
    assertThat(violations(() -> ItemJson.content(json("{\"name\":\"n\",\"price\":" + price + "}"))))
        .extracting(Violation::name)
        .containsExactly("/price");
  }

  @Test
  void aReplacementReadsTheServersOwnFieldsOver() {
    Item item = new Item(new ItemId(ID), LAMP, TIME, TIME, 3);
    String got = ItemJson.reply(200, item).body().orElseThrow();
    assertThat(ItemJson.replacement(json(got))).isEqualTo(LAMP);
    assertThat(violations(() -> ItemJson.content(json(got))))
        .extracting(Violation::name)
        .containsExactly("/id", "/createdAt", "/updatedAt", "/version");
    assertThat(violations(() -> ItemJson.patch(json(got))))
        .extracting(Violation::name)
        .containsExactly("/id", "/createdAt", "/updatedAt", "/version");
  }

  @Test
  void aPatchTellsAbsentFromNull() {
    assertThat(ItemJson.patch(json("{}")))
        .isEqualTo(
            new ItemPatch(Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty()));
    assertThat(ItemJson.patch(json("{\"description\":null,\"tags\":null}")))
        .isEqualTo(
            new ItemPatch(
                Optional.empty(),
                Optional.of(Optional.empty()),
                Optional.empty(),
                Optional.of(List.of())));
    assertThat(ItemJson.patch(json(LAMP_TEXT)))
        .isEqualTo(
            new ItemPatch(
                Optional.of("lamp"),
                Optional.of(Optional.of("bright")),
                Optional.of(LAMP.price()),
                Optional.of(List.of("home"))));
    assertThat(violations(() -> ItemJson.patch(json("{\"name\":null,\"price\":null}"))))
        .extracting(Violation::name)
        .containsExactly("/name", "/price");
  }

  @Test
  void anItemIsWrittenInFull() {
    Item item = new Item(new ItemId(ID), LAMP, TIME, TIME.plusMillis(7), 3);
    var reply = ItemJson.reply(200, item);
    assertThat(reply.headers()).containsEntry("ETag", "\"3\"");
    assertThat(reply.body())
        .contains(
            "{\"id\":\""
                + ID
                + "\",\"name\":\"lamp\",\"description\":\"bright\",\"price\":1.5,"
                + "\"tags\":[\"home\"],\"createdAt\":\"2026-01-15T09:32:00.000Z\","
                + "\"updatedAt\":\"2026-01-15T09:32:00.007Z\",\"version\":3}");
  }

  @Test
  void withoutADescriptionAnItemHasNoSuchMemberAndTagsAreAlwaysAnArray() {
    ItemContent content =
        new ItemContent("n", Optional.empty(), new Price(new BigDecimal("1e2")), List.of());
    assertThat(ItemJson.reply(201, new Item(new ItemId(ID), content, TIME, TIME, 1)).body())
        .hasValueSatisfying(body ->
            assertThat(body).contains("\"price\":100,\"tags\":[]").doesNotContain("description"));
  }

  @Test
  void aWriteMayReplaceTheVersionsThatItsPreconditionsAllow() {
    String some = "\"1\", W/\"2\", \"3\"";
    assertThat(match(null, null)).isEqualTo(new VersionMatch.Any());
    assertThat(match("*", null)).isEqualTo(new VersionMatch.Any());
    assertThat(match(some, null)).isEqualTo(new VersionMatch.OneOf(Set.of(1L, 3L)));
    assertThat(match("W/\"2\"", null)).isEqualTo(VersionMatch.none());
    assertThat(match(null, some)).isEqualTo(new VersionMatch.NoneOf(Set.of(1L, 2L, 3L)));
    assertThat(match("*", "W/\"2\"")).isEqualTo(new VersionMatch.NoneOf(Set.of(2L)));
    assertThat(match(some, "W/\"1\"")).isEqualTo(new VersionMatch.OneOf(Set.of(3L)));
    assertThat(match(null, "*")).isEqualTo(VersionMatch.none());
    assertThat(match("*", "*")).isEqualTo(VersionMatch.none());
  }

  private static VersionMatch match(@Nullable String ifMatch, @Nullable String ifNoneMatch) {
    return ItemJson.match(
        new Preconditions(
            Optional.ofNullable(ifMatch).flatMap(EntityTags::parse),
            Optional.ofNullable(ifNoneMatch).flatMap(EntityTags::parse)));
  }

  @Test
  void aNotificationIsWrittenWithWhatItHas() {
    Notification queued =
        new Notification(
            new NotificationId(ID),
            "hello",
            TaskStatus.QUEUED,
            0,
            TIME,
            Optional.empty(),
            Optional.empty());
    assertThat(Json.write(json -> NotificationJson.write(json, queued)))
        .isEqualTo(
            "{\"id\":\""
                + ID
                + "\",\"message\":\"hello\",\"status\":\"queued\",\"attempts\":0,"
                + "\"createdAt\":\"2026-01-15T09:32:00.000Z\"}");
    Notification logged =
        new Notification(
            new NotificationId(ID),
            "hello",
            TaskStatus.DONE,
            2,
            TIME,
            Optional.of(TIME.plusMillis(5)),
            Optional.of("why"));
    assertThat(Json.write(json -> NotificationJson.write(json, logged)))
        .endsWith("\"loggedAt\":\"2026-01-15T09:32:00.005Z\",\"failure\":\"why\"}");
  }

  @Test
  void aStatusIsReadByTheNameWithWhichItIsWritten() {
    assertThat(TaskStatus.values())
        .extracting(NotificationJson::text)
        .containsExactly("queued", "logged", "failed");
    for (TaskStatus status : TaskStatus.values()) {
      assertThat(NotificationJson.status(NotificationJson.text(status))).contains(status);
    }
    assertThat(NotificationJson.status("done")).as("the tables' name").isEmpty();
  }

  @Test
  void aMessageHasTheFormOfANotification() {
    assertThat(NotificationJson.message(json("{\"message\":\"a\\nb\"}"))).isEqualTo("a\nb");
    assertThat(
            violations(() -> NotificationJson.message(json("{\"message\":\"\\ud800\",\"x\":1}"))))
        .extracting(Violation::name)
        .containsExactly("/message", "/x");
  }

  @ParameterizedTest
  @CsvSource({
    "NOT_FOUND, NOT_FOUND",
    "PRECONDITION_FAILED, PRECONDITION_FAILED",
    "KEY_REUSED, IDEMPOTENCY_KEY_REUSED"
  })
  void aRefusalIsAProblem(Rejection rejection, ProblemType type) {
    assertThat(problem(() -> Rejections.unwrap(new Result.Rejected<>(rejection))).type())
        .isEqualTo(type);
    assertThat(Rejections.<String>unwrap(new Result.Done<>("done"))).isEqualTo("done");
  }

  private static Json json(String text) {
    try {
      return Json.parse(text);
    } catch (Json.Malformed e) {
      throw new AssertionError(text, e);
    }
  }

  private static List<Violation> violations(ThrowingCallable call) {
    var problem = problem(call);
    assertThat(problem.type()).isEqualTo(ProblemType.INVALID_CONTENT);
    return problem.violations();
  }

  private static Problem problem(ThrowingCallable call) {
    return Optional.ofNullable(catchThrowableOfType(ProblemException.class, call))
        .orElseThrow(() -> new AssertionError("nothing was refused"))
        .problem();
  }
}

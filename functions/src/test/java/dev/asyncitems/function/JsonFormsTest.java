package dev.asyncitems.function;

import static dev.asyncitems.item.TestItems.LAMP;
import static dev.asyncitems.item.TestItems.components;
import static dev.asyncitems.item.TestItems.named;
import static dev.asyncitems.item.TestItems.price;
import static dev.asyncitems.item.TestItems.with;
import static java.util.stream.Collectors.joining;
import static java.util.stream.Collectors.toCollection;
import static java.util.stream.Collectors.toSet;
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
import dev.asyncitems.item.VersionMatch;
import dev.asyncitems.json.Json;
import dev.asyncitems.notification.Notification;
import dev.asyncitems.outbox.Task;
import dev.asyncitems.outbox.TaskStatus;
import dev.asyncitems.system.Contract;
import dev.asyncitems.value.UuidV7;
import java.math.BigDecimal;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.core.JsonGenerator;
import tools.jackson.databind.JsonNode;

/** The JSON that clients send and receive for items and notifications. */
final class JsonFormsTest {
  private static final UUID ID = UUID.fromString("019bc0fd-8a3b-73a5-9c4e-8b2d6f90a173");
  private static final Instant TIME = Instant.parse("2026-01-15T09:32:00Z");
  private static final Item ITEM = new Item(ID, LAMP, TIME, TIME.plusMillis(7), 3);
  private static final Task<Notification> QUEUED =
      new Task<>(
          ID, new Notification("hello"), TaskStatus.QUEUED, 0, Optional.empty(), Optional.empty());
  private static final Task<Notification> FULL =
      new Task<>(
          ID,
          new Notification("hello"),
          TaskStatus.DONE,
          2,
          Optional.of(TIME.plusMillis(5)),
          Optional.of("why"));
  private static final List<String> OF_THE_SERVER =
      List.of("id", "createdAt", "updatedAt", "version");

  @Test
  void contentIsReadWithItsOptionalMembersAbsentOrNull() {
    ItemContent least = with(named("n"), "price", price("0"));
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
    String got = ItemJson.reply(200, ITEM).body().orElseThrow();
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
    assertThat(ItemJson.patch(json("{}")).apply(LAMP)).isEqualTo(LAMP);
    assertThat(
            ItemJson.patch(json("{\"description\":null,\"tags\":null}"))
                .apply(with(LAMP, "name", "desk")))
        .isEqualTo(
            with(
                with(with(LAMP, "name", "desk"), "description", Optional.empty()),
                "tags",
                List.of()));
    assertThat(violations(() -> ItemJson.patch(json("{\"name\":null,\"price\":null}"))))
        .extracting(Violation::name)
        .containsExactly("/name", "/price");
  }

  // ---- every member, in every form

  @ParameterizedTest(name = "{0}")
  @MethodSource("dev.asyncitems.item.TestItems#changes")
  void aMemberIsWrittenAndReadByItsName(String member, ItemContent changed) {
    Map<String, Json> item = written(with(ITEM, "content", changed));
    assertThat(ItemJson.replacement(new Json.Obj(item))).isEqualTo(changed);

    Map<String, Json> content = new HashMap<>(item);
    content.keySet().removeAll(OF_THE_SERVER);
    assertThat(ItemJson.content(new Json.Obj(content))).isEqualTo(changed);

    Json value = item.getOrDefault(member, new Json.Null());
    assertThat(ItemJson.patch(new Json.Obj(Map.of(member, value))).apply(LAMP)).isEqualTo(changed);
  }

  @Test
  void anItemHasTheMembersOfTheContract() {
    assertThat(written(ITEM).keySet()).isEqualTo(properties("Item")).isEqualTo(itemComponents());
    assertThat(written(with(ITEM, "content", named("least"))).keySet()).isEqualTo(required("Item"));
  }

  @Test
  void aNotificationHasTheMembersOfTheContract() {
    assertThat(members(json -> NotificationJson.write(json, FULL)).keySet())
        .isEqualTo(properties("Notification"))
        .isEqualTo(notificationComponents());
    assertThat(members(json -> NotificationJson.write(json, QUEUED)).keySet())
        .isEqualTo(required("Notification"));
  }

  @Test
  void theMembersThatAreReadAreThoseOfTheContract() {
    assertThat(membersRead(ItemJson::content)).isEqualTo(properties("NewItem"));
    assertThat(membersRead(ItemJson::replacement)).isEqualTo(properties("ReplacingItem"));
    assertThat(membersRead(ItemJson::patch)).isEqualTo(properties("ItemPatch"));
    assertThat(membersRead(NotificationJson::read)).isEqualTo(properties("NewNotification"));
  }

  /** The code and the contract set the same bounds for each member. */
  @Test
  void theValuesThatAreReadAreThoseOfTheContract() {
    JsonNode schema = Contract.served().component("ItemPatch");
    schema
        .required("properties")
        .properties()
        .forEach(member ->
            candidates(member.getValue())
                .forEach(value -> {
                  String patch = "{\"" + member.getKey() + "\":" + value + "}";
                  assertThat(isRead(json(patch)))
                      .as(patch)
                      .isEqualTo(
                          Contract.served()
                              .faults(schema, Contract.value("json", patch).orElseThrow())
                              .isEmpty());
                }));
  }

  private static boolean isRead(Json patch) {
    try {
      var _ = ItemJson.patch(patch);
      return true;
    } catch (ProblemException e) {
      return false;
    }
  }

  /** Returns JSON values of all types, at the bounds of a schema and just outside. */
  private static Set<String> candidates(JsonNode schema) {
    Set<String> all =
        new TreeSet<>(
            List.of("null", "true", "{}", "0", "-1", "1.5", "[]", "[1]", "[\"a\",\"a\"]", "\" \""));
    if (schema.isMissingNode()) {
      return all;
    }
    JsonNode resolved = Contract.served().resolved(schema);
    for (String bound : List.of("minimum", "maximum")) {
      resolved
          .optional(bound)
          .ifPresent(value -> {
            for (String step : List.of("-1", "-0.01", "-0.001", "0", "0.001", "0.01", "1")) {
              all.add(value.decimalValue().add(new BigDecimal(step)).toPlainString());
            }
          });
    }
    for (int length : around(resolved, "minLength", "maxLength")) {
      all.add("\"" + "a".repeat(length) + "\"");
    }
    for (int size : around(resolved, "minItems", "maxItems")) {
      all.add(
          IntStream.range(0, size).mapToObj(i -> "\"" + i + "\"").collect(joining(",", "[", "]")));
    }
    candidates(resolved.path("items")).forEach(element -> all.add("[" + element + "]"));
    resolved.path("oneOf").forEach(choice -> all.addAll(candidates(choice)));
    return all;
  }

  private static Set<Integer> around(JsonNode schema, String least, String most) {
    return Stream.of(schema.path(least).asInt(0), schema.path(most).asInt(0))
        .flatMap(bound -> Stream.of(bound, Math.max(0, bound - 1), bound + 1))
        .collect(toSet());
  }

  /** Returns the members that a function looks up in an empty object. */
  private static Set<String> membersRead(Function<Json, ?> reader) {
    Set<String> names = new TreeSet<>();
    Map<String, Json> empty =
        new HashMap<>() {
          @Override
          public @Nullable Json get(@Nullable Object name) {
            names.add(String.valueOf(name));
            return null;
          }
        };
    try {
      var _ = reader.apply(new Json.Obj(empty));
    } catch (ProblemException e) {
      assertThat(e.problem().violations()).allMatch(it -> it.detail().equals("is required"));
    }
    return names;
  }

  private static Map<String, Json> written(Item item) {
    return members(json -> ItemJson.write(json, item));
  }

  private static Map<String, Json> members(Consumer<JsonGenerator> writer) {
    return ((Json.Obj) json(Json.write(writer))).members();
  }

  private static Set<String> notificationComponents() {
    Set<String> members = components(Task.class);
    members.addAll(components(Notification.class));
    members.removeAll(Set.of("data", "doneAt"));
    members.addAll(Set.of("createdAt", "loggedAt"));
    return members;
  }

  private static Set<String> itemComponents() {
    Set<String> names = components(Item.class);
    names.remove("content");
    names.addAll(components(ItemContent.class));
    return names;
  }

  private static Set<String> properties(String schema) {
    return new TreeSet<>(
        Contract.served().component(schema).required("properties").propertyNames());
  }

  private static Set<String> required(String schema) {
    return Contract.served()
        .component(schema)
        .required("required")
        .valueStream()
        .map(JsonNode::asString)
        .collect(toCollection(TreeSet::new));
  }

  @Test
  void anItemIsWrittenInFull() {
    var reply = ItemJson.reply(200, ITEM);
    assertThat(reply.headers()).containsEntry("ETag", "\"3\"");
    assertThat(reply.body().orElseThrow())
        .startsWith(
            "{\"id\":\""
                + ID
                + "\",\"name\":\"lamp\",\"description\":\"bright\",\"price\":1.5,"
                + "\"tags\":[\"home\",\"light\"],")
        .endsWith(
            "\"createdAt\":\"2026-01-15T09:32:00.000Z\","
                + "\"updatedAt\":\"2026-01-15T09:32:00.007Z\",\"version\":3}");
  }

  @Test
  void withoutADescriptionAnItemHasNoSuchMemberAndTagsAreAlwaysAnArray() {
    ItemContent content = with(named("n"), "price", price("1e2"));
    assertThat(ItemJson.reply(201, with(ITEM, "content", content)).body())
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
    assertThat(Json.write(json -> NotificationJson.write(json, QUEUED)))
        .isEqualTo(
            "{\"id\":\""
                + ID
                + "\",\"message\":\"hello\",\"status\":\"queued\",\"attempts\":0,"
                + "\"createdAt\":\""
                + UuidV7.time(ID)
                + "\"}");
    assertThat(Json.write(json -> NotificationJson.write(json, FULL)))
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
    assertThat(NotificationJson.status("done")).as("stored name").isEmpty();
  }

  @Test
  void aMessageHasTheFormOfANotification() {
    assertThat(NotificationJson.read(json("{\"message\":\"a\\nb\"}")))
        .isEqualTo(new Notification("a\nb"));
    assertThat(violations(() -> NotificationJson.read(json("{\"message\":\"\\ud800\",\"x\":1}"))))
        .extracting(Violation::name)
        .containsExactly("/message", "/x");
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

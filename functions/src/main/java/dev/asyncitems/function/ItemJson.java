package dev.asyncitems.function;

import dev.asyncitems.http.EntityTags;
import dev.asyncitems.http.Fields;
import dev.asyncitems.http.Preconditions;
import dev.asyncitems.http.ProblemException;
import dev.asyncitems.http.Reply;
import dev.asyncitems.item.Item;
import dev.asyncitems.item.ItemContent;
import dev.asyncitems.item.Price;
import dev.asyncitems.item.VersionMatch;
import dev.asyncitems.json.Json;
import dev.asyncitems.rejection.Fault;
import dev.asyncitems.rejection.InvalidContent;
import dev.asyncitems.value.Times;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.function.UnaryOperator;
import tools.jackson.core.JsonGenerator;

/** The JSON of items. Reading throws a {@link ProblemException} (422) that lists all faults. */
final class ItemJson {
  private ItemJson() {}

  /** Returns the versions that the preconditions of a write allow. */
  static VersionMatch match(Preconditions preconditions) {
    VersionMatch match =
        preconditions
            .ifMatch()
            .filter(tags -> !tags.any())
            .<VersionMatch>map(tags -> new VersionMatch.OneOf(tags.strongVersions()))
            .orElseGet(VersionMatch.Any::new);
    return preconditions
        .ifNoneMatch()
        .map(tags -> tags.any() ? VersionMatch.none() : match.except(tags.weakVersions()))
        .orElse(match);
  }

  /** Reads the content of a new item. */
  static ItemContent content(Json body) {
    return content(new Fields(body));
  }

  /**
   * Reads the new content of an item. Members that only the server sets are ignored, so that
   * clients can edit a response and send it back.
   */
  static ItemContent replacement(Json body) {
    Fields fields = new Fields(body);
    fields.ignore("id", "createdAt", "updatedAt", "version");
    return content(fields);
  }

  /**
   * Reads the content of an item from a line of an import.
   *
   * @throws InvalidContent with the faults that {@code POST /items} reports for the line
   */
  static ItemContent line(ByteBuffer line) {
    try {
      return content(Json.parse(line));
    } catch (Json.Malformed e) {
      throw new InvalidContent(List.of(new Fault("", "the body " + e.getMessage())));
    } catch (ProblemException e) {
      throw new InvalidContent(
          e.problem().violations().stream()
              .map(violation -> new Fault(violation.name(), violation.detail()))
              .toList());
    }
  }

  private static ItemContent content(Fields fields) {
    Optional<String> name = fields.required("name", ItemJson::name);
    Optional<String> description = description(fields, "description");
    Optional<Price> price = fields.required("price", ItemJson::price);
    Optional<List<String>> tags = tags(fields, "tags");
    fields.check();
    return new ItemContent(
        name.orElseThrow(), description, price.orElseThrow(), tags.orElse(List.of()));
  }

  /** Reads a merge patch (RFC 7396). Members that the patch lacks stay unchanged. */
  static UnaryOperator<ItemContent> patch(Json body) {
    Fields fields = new Fields(body);
    Optional<String> name = fields.notNull("name", ItemJson::name);
    Optional<Optional<String>> description = fields.ifGiven("description", ItemJson::description);
    Optional<Price> price = fields.notNull("price", ItemJson::price);
    Optional<Optional<List<String>>> tags = fields.ifGiven("tags", ItemJson::tags);
    fields.check();
    return content ->
        new ItemContent(
            name.orElse(content.name()),
            description.orElse(content.description()),
            price.orElse(content.price()),
            tags.map(given -> given.orElse(List.of())).orElse(content.tags()));
  }

  private static Optional<String> name(Fields fields, String member) {
    return fields.text(member, ItemContent.NAME);
  }

  private static Optional<String> description(Fields fields, String member) {
    return fields.text(member, ItemContent.DESCRIPTION);
  }

  private static Optional<Price> price(Fields fields, String member) {
    return fields.decimal(member, Price::faults).map(Price::new);
  }

  private static Optional<List<String>> tags(Fields fields, String member) {
    return fields.distinctTexts(member, ItemContent.TAG, ItemContent.MAX_TAGS);
  }

  /** Returns a response with an item and its ETag. */
  static Reply reply(int status, Item item) {
    return Reply.of(status, json -> write(json, item)).with("ETag", EntityTags.of(item.version()));
  }

  /** Returns the path of an item, without the mount. */
  static String path(UUID id) {
    return "/items/" + id;
  }

  static void write(JsonGenerator json, Item item) {
    ItemContent content = item.content();
    json.writeStartObject();
    json.writeStringProperty("id", item.id().toString());
    json.writeStringProperty("name", content.name());
    content.description().ifPresent(text -> json.writeStringProperty("description", text));
    json.writeName("price");
    json.writeNumber(content.price().toString());
    json.writeArrayPropertyStart("tags");
    content.tags().forEach(json::writeString);
    json.writeEndArray();
    json.writeStringProperty("createdAt", Times.text(item.createdAt()));
    json.writeStringProperty("updatedAt", Times.text(item.updatedAt()));
    json.writeNumberProperty("version", item.version());
    json.writeEndObject();
  }
}

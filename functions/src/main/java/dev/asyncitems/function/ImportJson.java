package dev.asyncitems.function;

import dev.asyncitems.http.Input;
import dev.asyncitems.http.MediaType;
import dev.asyncitems.imports.Chunk.RejectedLine;
import dev.asyncitems.imports.Import;
import dev.asyncitems.imports.Lines;
import dev.asyncitems.json.Json;
import dev.asyncitems.rejection.Fault;
import dev.asyncitems.rejection.InvalidContent;
import dev.asyncitems.value.Times;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import tools.jackson.core.JsonGenerator;

/** The JSON of imports. */
final class ImportJson {
  /** The field of log lines with an import's id. */
  static final String ID_FIELD = "importId";

  private static final int MAX_FAILURES = 100;
  private static final String BYTE_ORDER_MARK = "\uFEFF";

  private ImportJson() {}

  /**
   * Reads the items of a new import, each as a line.
   *
   * @return empty if the body is JSON other than an array, or malformed
   */
  static Optional<Lines> lines(Input input) {
    Input.Reader<Optional<Lines>> reader =
        input.mediaType().equals(MediaType.NDJSON) ? ImportJson::lines : ImportJson::elements;
    return input.body(reader, Optional.empty(), MediaType.JSON, MediaType.NDJSON);
  }

  private static Optional<Lines> lines(ByteBuffer body) {
    return Optional.of(new Lines(1, withoutMark(body)));
  }

  private static Optional<Lines> elements(ByteBuffer body) throws Json.Malformed {
    return Json.elements(Json.decode(body))
        .map(elements -> new Lines(1, StandardCharsets.UTF_8.encode(String.join("\n", elements))));
  }

  private static ByteBuffer withoutMark(ByteBuffer body) {
    ByteBuffer mark = StandardCharsets.UTF_8.encode(BYTE_ORDER_MARK);
    int length = mark.remaining();
    return body.remaining() >= length && body.slice(0, length).equals(mark)
        ? body.slice(length, body.remaining() - length)
        : body;
  }

  /**
   * Returns the lines of a new import.
   *
   * @throws InvalidContent unless there are 1 to {@value Import#MAX_LINES}
   */
  static Lines require(Optional<Lines> lines) {
    int count = lines.orElseThrow(() -> invalid("the body must be a JSON array")).list().size();
    if (count < 1 || count > Import.MAX_LINES) {
      throw invalid("the body must hold 1 to 1,000 items, but holds " + count);
    }
    return lines.get();
  }

  private static InvalidContent invalid(String detail) {
    return new InvalidContent(List.of(new Fault("", detail)));
  }

  /** Returns the API's own path to an import. */
  static String path(UUID id) {
    return "/imports/" + id;
  }

  /** Writes an import without its rejected lines. */
  static void write(JsonGenerator json, Import one) {
    json.writeStartObject();
    writeMembers(json, one);
    json.writeEndObject();
  }

  /** Writes an import with its first {@value #MAX_FAILURES} rejected lines. */
  static void writeWithFailures(JsonGenerator json, Import one) {
    json.writeStartObject();
    writeMembers(json, one);
    json.writeArrayPropertyStart("failures");
    one.rejectedLines().limit(MAX_FAILURES).forEach(line -> write(json, line));
    json.writeEndArray();
    json.writeEndObject();
  }

  private static void writeMembers(JsonGenerator json, Import one) {
    json.writeStringProperty("id", one.id().toString());
    json.writeStringProperty("status", one.status().text());
    json.writeNumberProperty("total", one.total());
    json.writeNumberProperty("created", one.created());
    json.writeNumberProperty("rejected", one.rejected());
    json.writeStringProperty("createdAt", Times.text(one.createdAt()));
    one.startedAt().ifPresent(at -> json.writeStringProperty("startedAt", Times.text(at)));
    one.finishedAt().ifPresent(at -> json.writeStringProperty("finishedAt", Times.text(at)));
    one.failure().ifPresent(reason -> json.writeStringProperty("failure", reason));
  }

  private static void write(JsonGenerator json, RejectedLine line) {
    json.writeStartObject();
    json.writeNumberProperty("line", line.number());
    json.writeArrayPropertyStart("violations");
    for (Fault fault : line.faults()) {
      json.writeStartObject();
      json.writeStringProperty("pointer", fault.pointer());
      json.writeStringProperty("detail", fault.detail());
      json.writeEndObject();
    }
    json.writeEndArray();
    json.writeEndObject();
  }
}

package dev.asyncitems.function;

import dev.asyncitems.http.Reply;
import dev.asyncitems.http.Request;
import dev.asyncitems.imports.ImportStore;
import dev.asyncitems.rejection.Rejection;
import dev.asyncitems.rejection.Rejection.Reason;
import java.time.Clock;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;

/** {@code GET /imports/{id}}: reads an import with its progress. */
public final class GetImport extends HttpFunction {
  private final ImportStore imports;

  public GetImport() {
    this(System.getenv(), Clock.systemUTC());
  }

  public GetImport(Map<String, String> environment, Clock clock) {
    Wiring wiring = new Wiring(environment, clock, TaskKind.IMPORT_CHUNK.table());
    super(wiring);
    imports = wiring.imports();
  }

  @Override
  CompletableFuture<Reply> answer(Request request) {
    UUID id = id(request);
    request.note(ImportJson.ID_FIELD, id.toString());
    return imports
        .find(id, request.deadline())
        .thenApply(found -> found.orElseThrow(() -> new Rejection(Reason.NOT_FOUND)))
        .thenApply(found -> Reply.of(200, json -> ImportJson.writeWithFailures(json, found)));
  }
}

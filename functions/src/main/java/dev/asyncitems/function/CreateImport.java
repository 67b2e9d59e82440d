package dev.asyncitems.function;

import static dev.asyncitems.settings.Setting.IMPORT_RETENTION_DAYS;

import dev.asyncitems.http.Reply;
import dev.asyncitems.http.Request;
import dev.asyncitems.idempotency.IdempotencyKey;
import dev.asyncitems.imports.Import;
import dev.asyncitems.imports.Imports;
import dev.asyncitems.imports.Lines;
import dev.asyncitems.outbox.Outbox.Accepted;
import java.time.Clock;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/** {@code POST /imports}: accepts a file of items. */
public final class CreateImport extends AcceptFunction {
  private final Imports imports;

  public CreateImport() {
    this(System.getenv(), Clock.systemUTC());
  }

  public CreateImport(Map<String, String> environment, Clock clock) {
    Wiring wiring =
        new Wiring(environment, clock, TaskKind.IMPORT_CHUNK.toAccept(IMPORT_RETENTION_DAYS));
    super(wiring);
    imports = new Imports(wiring.imports(), wiring.outbox(TaskKind.IMPORT_CHUNK), clock);
  }

  @Override
  CompletableFuture<Reply> answer(Request request) {
    return request.read(input -> {
      Optional<Lines> lines = ImportJson.lines(input);
      Optional<IdempotencyKey> key = input.idempotencyKey();
      return () ->
          imports
              .accept(ImportJson.require(lines), key, request.traceContext(), request.deadline())
              .thenApply(accepted -> reply(request, accepted));
    });
  }

  private Reply reply(Request request, Accepted<Import> accepted) {
    Import work = accepted.work();
    Reply first =
        Reply.of(202, json -> ImportJson.write(json, work))
            .with("Location", request.link(ImportJson.path(work.id())));
    return accepted(
        request, accepted, ImportJson.ID_FIELD, work.id(), work.chunkIds().size(), first);
  }
}

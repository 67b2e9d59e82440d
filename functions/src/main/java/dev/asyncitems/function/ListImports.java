package dev.asyncitems.function;

import static dev.asyncitems.settings.Setting.READ_SHARDS;

import dev.asyncitems.http.Listing;
import dev.asyncitems.http.Reply;
import dev.asyncitems.http.Request;
import dev.asyncitems.imports.ImportStore;
import dev.asyncitems.paging.PageRequest;
import java.time.Clock;
import java.util.Map;
import java.util.concurrent.CompletableFuture;

/** {@code GET /imports}: lists imports, newest first. */
public final class ListImports extends HttpFunction {
  // The progress of an import is in up to 40 rows. A page must not use up the table's capacity.
  private static final int MAX_PAGE = 20;

  private static final Listing LISTING = new Listing("/imports", "imports", "");

  private final ImportStore imports;

  public ListImports() {
    this(System.getenv(), Clock.systemUTC());
  }

  public ListImports(Map<String, String> environment, Clock clock) {
    Wiring wiring = new Wiring(environment, clock, TaskKind.IMPORT_CHUNK.table(), READ_SHARDS);
    super(wiring);
    imports = wiring.imports();
  }

  @Override
  CompletableFuture<Reply> answer(Request request) {
    return request.read(input -> {
      PageRequest wanted = input.page(LISTING);
      return () ->
          imports
              .page(wanted.atMost(MAX_PAGE), request.deadline())
              .thenApply(page -> LISTING.reply(request, page, wanted, ImportJson::write));
    });
  }
}

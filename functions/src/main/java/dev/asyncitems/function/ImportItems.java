package dev.asyncitems.function;

import static dev.asyncitems.settings.Setting.ITEMS_TABLE;

import dev.asyncitems.imports.ImportChunk;
import java.time.Clock;
import java.util.Map;

/** The consumer of the queue of imports, which creates the items of a chunk. */
public final class ImportItems extends QueueFunction {
  public ImportItems() {
    this(System.getenv(), Clock.systemUTC());
  }

  public ImportItems(Map<String, String> environment, Clock clock) {
    super(
        environment,
        clock,
        TaskKind.IMPORT_CHUNK,
        (wiring, entries) -> new ImportChunk(wiring.imports(), ItemJson::line, clock),
        ITEMS_TABLE);
  }
}

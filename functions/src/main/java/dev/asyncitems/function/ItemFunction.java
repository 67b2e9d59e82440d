package dev.asyncitems.function;

import dev.asyncitems.item.Items;
import dev.asyncitems.settings.Setting;
import java.time.Clock;
import java.util.Map;
import java.util.stream.Stream;

/** A function behind the HTTP API that works on items. Thread-safe. */
abstract class ItemFunction extends HttpFunction {
  final Items items;

  /** Creates a function that needs the variables {@code ITEMS_TABLE} and {@code others}. */
  ItemFunction(Map<String, String> environment, Clock clock, Setting... others) {
    Wiring wiring =
        new Wiring(
            environment,
            clock,
            Stream.concat(Stream.of(Setting.ITEMS_TABLE), Stream.of(others))
                .toArray(Setting[]::new));
    super(wiring);
    items = wiring.items();
  }
}

package dev.asyncitems.item;

import dev.asyncitems.rejection.Fault;
import dev.asyncitems.rejection.InvalidContent;
import dev.asyncitems.value.TextRule;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * The part of an item that clients write. Stored content may break the rules of this class. {@link
 * #require} keeps functions from writing such content again.
 *
 * @param tags at most {@value #MAX_TAGS} distinct texts, in the client's order
 */
public record ItemContent(
    String name, Optional<String> description, Price price, List<String> tags) {
  public static final TextRule NAME = new TextRule(1, 200, false);
  public static final TextRule DESCRIPTION = new TextRule(0, 2_000, true);
  public static final TextRule TAG = new TextRule(1, 50, false);
  public static final int MAX_TAGS = 20;

  public ItemContent {
    tags = List.copyOf(tags);
  }

  /** Returns this content, or throws {@link InvalidContent} if it breaks rules. */
  public ItemContent require() {
    List<Fault> faults = new ArrayList<>();
    add(faults, "/name", NAME.faults(name));
    description.ifPresent(text -> add(faults, "/description", DESCRIPTION.faults(text)));
    add(faults, "/price", price.faults());
    if (tags.size() > MAX_TAGS) {
      faults.add(
          new Fault(
              "/tags", "must have at most " + MAX_TAGS + " elements, but has " + tags.size()));
    }
    Set<String> before = new HashSet<>();
    // Tags beyond the limit are not checked, so that the response stays small.
    for (int i = 0; i < Math.min(tags.size(), MAX_TAGS); i++) {
      String tag = tags.get(i);
      add(faults, "/tags/" + i, TAG.faults(tag));
      if (!before.add(tag)) {
        faults.add(new Fault("/tags/" + i, "must not repeat an earlier element"));
      }
    }
    if (!faults.isEmpty()) {
      throw new InvalidContent(faults);
    }
    return this;
  }

  private static void add(List<Fault> faults, String pointer, List<String> details) {
    details.forEach(detail -> faults.add(new Fault(pointer, detail)));
  }
}

package dev.asyncitems.item;

import dev.asyncitems.kernel.Text;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * What a client says of an item.
 *
 * @param name as {@link #NAME} says
 * @param description as {@link #DESCRIPTION} says
 * @param price what it costs
 * @param tags up to {@value #MAX_TAGS} distinct ones, each as {@link #TAG} says, in the client's
 *     order
 */
public record ItemContent(
    String name, Optional<String> description, Price price, List<String> tags) {
  public static final Text NAME = new Text(1, 200, false);
  public static final Text DESCRIPTION = new Text(0, 2_000, true);
  public static final Text TAG = new Text(1, 50, false);
  public static final int MAX_TAGS = 20;

  public ItemContent {
    NAME.require(name);
    description.ifPresent(DESCRIPTION::require);
    tags = List.copyOf(tags);
    tags.forEach(TAG::require);
    if (tags.size() > MAX_TAGS || Set.copyOf(tags).size() < tags.size()) {
      throw new IllegalArgumentException("tags must be at most " + MAX_TAGS + " and distinct");
    }
  }
}

package dev.asyncitems.item;

import java.util.List;
import java.util.Optional;

/**
 * A merge patch of an item (RFC 7396): each member that is present replaces the item's.
 *
 * @param name the new name; empty leaves it
 * @param description the new description, inner-empty to remove it; outer-empty leaves it
 * @param price the new price; empty leaves it
 * @param tags all of the new tags; empty leaves them
 */
public record ItemPatch(
    Optional<String> name,
    Optional<Optional<String>> description,
    Optional<Price> price,
    Optional<List<String>> tags) {

  ItemContent applyTo(ItemContent content) {
    return new ItemContent(
        name.orElse(content.name()),
        description.orElse(content.description()),
        price.orElse(content.price()),
        tags.orElse(content.tags()));
  }
}

package dev.asyncitems.item;

import java.util.List;
import java.util.Optional;

/**
 * A merge patch of an item (RFC 7396). An empty member leaves the item's value unchanged.
 *
 * @param description the new description; an inner empty removes it
 * @param tags the complete new list
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

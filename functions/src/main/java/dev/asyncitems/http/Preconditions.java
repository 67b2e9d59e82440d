package dev.asyncitems.http;

import dev.asyncitems.rejection.Rejection;
import java.util.Optional;

/**
 * The preconditions of a request to a resource that has an ETag (RFC 9110, 13.1.1 and 13.1.2).
 * Preconditions with dates, such as {@code If-Modified-Since}, are ignored, because no resource has
 * a modification date.
 */
public record Preconditions(Optional<EntityTags> ifMatch, Optional<EntityTags> ifNoneMatch) {
  /**
   * Evaluates the preconditions of a GET in the order of RFC 9110, 13.2.2.
   *
   * @param opaque the current ETag without its quotes
   * @return whether the client has the current representation, so that the response is 304
   * @throws Rejection if {@code If-Match} does not hold
   */
  public boolean notModified(String opaque) {
    if (ifMatch.filter(tags -> !tags.stronglyMatches(opaque)).isPresent()) {
      throw new Rejection(Rejection.Reason.PRECONDITION_FAILED);
    }
    return ifNoneMatch.filter(tags -> tags.weaklyMatches(opaque)).isPresent();
  }
}

package dev.asyncitems.local.template;

import java.net.URI;
import java.util.List;

/**
 * Whom a route lets in: who has a token of that issuer, for one of those audiences.
 *
 * @param authorizerId the logical id of the authorizer
 * @param scopes of which the token must have one; empty where any token will do
 */
public record Access(
    String authorizerId, URI issuer, List<String> audiences, List<String> scopes) {}

package dev.asyncitems.local.handlers;

import com.amazonaws.services.lambda.runtime.Context;
import com.amazonaws.services.lambda.runtime.RequestStreamHandler;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.asyncitems.local.json.Json;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.Map;

/** A handler that returns its event and its environment. */
public final class Echo implements RequestStreamHandler {

  private static final JsonMapper JSON = new JsonMapper();

  private final Map<String, String> environment;

  public Echo(Map<String, String> environment) {
    this.environment = environment;
  }

  @Override
  public void handleRequest(InputStream input, OutputStream output, Context context)
      throws IOException {
    ObjectNode body = JSON.createObjectNode();
    body.set("event", Json.read(input.readAllBytes()));
    body.set("environment", JSON.valueToTree(environment));
    body.put("remaining", context.getRemainingTimeInMillis());
    body.put("requestId", context.getAwsRequestId());
    ObjectNode reply = JSON.createObjectNode();
    reply.put("statusCode", 200);
    reply.putObject("headers").put("Content-Type", "application/json");
    reply.put("body", body.toString());
    JSON.writeValue(output, reply);
  }
}

package dev.asyncitems.local.handlers;

import com.amazonaws.services.lambda.runtime.Context;
import com.amazonaws.services.lambda.runtime.RequestStreamHandler;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.asyncitems.local.json.Json;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.LinkedBlockingQueue;

/**
 * A handler that keeps its batches by function name. It reports a message {@code fail} as failed,
 * throws for {@code throw}, and returns the rest of {@code answer:...}.
 */
public final class Worker implements RequestStreamHandler {

  private static final JsonMapper JSON = new JsonMapper();
  private static final Map<String, BlockingQueue<JsonNode>> BATCHES = new ConcurrentHashMap<>();

  private final BlockingQueue<JsonNode> batches;

  public Worker(Map<String, String> environment) {
    this.batches = batches(environment.getOrDefault("AWS_LAMBDA_FUNCTION_NAME", ""));
  }

  /** Returns the batches of the function with a physical name. */
  public static BlockingQueue<JsonNode> batches(String function) {
    return BATCHES.computeIfAbsent(function, name -> new LinkedBlockingQueue<>());
  }

  @Override
  public void handleRequest(InputStream input, OutputStream output, Context context)
      throws IOException {
    JsonNode event = Json.read(input.readAllBytes());
    batches.add(event);
    ObjectNode answer = JSON.createObjectNode();
    ArrayNode failures = answer.putArray("batchItemFailures");
    for (JsonNode message : event.path("Records")) {
      String body = message.path("body").asText();
      if (body.equals("throw")) {
        throw new IllegalStateException("scripted to fail");
      }
      if (body.startsWith("answer:")) {
        output.write(body.substring("answer:".length()).getBytes(StandardCharsets.UTF_8));
        return;
      }
      if (body.equals("fail")) {
        failures.addObject().put("itemIdentifier", message.path("messageId").asText());
      }
    }
    JSON.writeValue(output, answer);
  }
}

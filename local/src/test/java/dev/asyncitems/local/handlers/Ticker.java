package dev.asyncitems.local.handlers;

import com.amazonaws.services.lambda.runtime.Context;
import com.amazonaws.services.lambda.runtime.RequestStreamHandler;
import com.fasterxml.jackson.databind.JsonNode;
import dev.asyncitems.local.json.Json;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;

/** A handler that keeps its ticks by function name. */
public final class Ticker implements RequestStreamHandler {

  private static final Map<String, List<JsonNode>> TICKS = new ConcurrentHashMap<>();

  private final List<JsonNode> ticks;
  private final boolean fails;

  public Ticker(Map<String, String> environment, Clock clock) {
    this.ticks = ticks(environment.getOrDefault("AWS_LAMBDA_FUNCTION_NAME", ""));
    this.fails = environment.containsKey("FAILS") || clock.instant() == null;
  }

  public static List<JsonNode> ticks(String function) {
    return TICKS.computeIfAbsent(function, name -> new CopyOnWriteArrayList<>());
  }

  @Override
  public void handleRequest(InputStream input, OutputStream output, Context context)
      throws IOException {
    ticks.add(Json.read(input.readAllBytes()));
    if (fails) {
      throw new IllegalStateException("scripted to fail");
    }
  }
}

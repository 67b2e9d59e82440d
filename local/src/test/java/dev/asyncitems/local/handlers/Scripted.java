package dev.asyncitems.local.handlers;

import com.amazonaws.services.lambda.runtime.Context;
import com.amazonaws.services.lambda.runtime.RequestStreamHandler;
import com.fasterxml.jackson.databind.JsonNode;
import dev.asyncitems.local.json.Json;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.CountDownLatch;

/**
 * A handler that returns the request's body. {@code throw} makes it throw, {@code hang} makes it
 * wait for ever, and {@code print:...} prints a line.
 */
public final class Scripted implements RequestStreamHandler, AutoCloseable {

  @Override
  public void handleRequest(InputStream input, OutputStream output, Context context)
      throws IOException {
    JsonNode event = Json.read(input.readAllBytes());
    String script = event.path("body").asText("");
    if (script.startsWith("print:")) {
      System.out.println(script.substring("print:".length()));
      script = "{}";
    }
    switch (script) {
      case "throw" -> throw new IllegalStateException("scripted to fail");
      case "hang" -> hang();
      default -> output.write(script.getBytes(StandardCharsets.UTF_8));
    }
  }

  private static void hang() {
    try {
      new CountDownLatch(1).await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public void close() {
    System.out.println("Scripted is closed");
  }
}

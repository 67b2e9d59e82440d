package dev.asyncitems.function;

import com.amazonaws.services.lambda.runtime.ClientContext;
import com.amazonaws.services.lambda.runtime.CognitoIdentity;
import com.amazonaws.services.lambda.runtime.Context;
import com.amazonaws.services.lambda.runtime.LambdaLogger;
import com.amazonaws.services.lambda.runtime.RequestStreamHandler;
import java.io.BufferedReader;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.function.BiFunction;

/**
 * Lets a function answer an event without AWS: its endpoints are a socket of this process, which
 * says to each call that it found nothing. It is closed afterwards, and the function with it.
 */
final class Priming implements Context {
  private static final String ANSWER =
      "HTTP/1.1 200 OK\r\nContent-Type: application/x-amz-json-1.0\r\nContent-Length: 2\r\n"
          + "Connection: close\r\n\r\n{}";

  private Priming() {}

  /** Returns what a function of this kind answers. */
  static <F extends RequestStreamHandler> String answer(
      BiFunction<Map<String, String>, Clock, F> maker, Clock clock, String event) throws Exception {
    try (ServerSocket endpoint = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
      Thread server = new Thread(() -> serve(endpoint), "priming");
      server.setDaemon(true);
      server.start();
      ByteArrayOutputStream answer = new ByteArrayOutputStream();
      F function = maker.apply(environment(endpoint.getLocalPort()), clock);
      try {
        function.handleRequest(
            new ByteArrayInputStream(event.getBytes(StandardCharsets.UTF_8)),
            answer,
            new Priming());
      } finally {
        ((AutoCloseable) function).close();
      }
      return answer.toString(StandardCharsets.UTF_8);
    }
  }

  private static Map<String, String> environment(int port) {
    String endpoint = "http://127.0.0.1:" + port;
    Map<String, String> environment = new HashMap<>();
    for (Setting setting : Setting.values()) {
      environment.put(setting.name(), "1");
    }
    for (String table : new String[] {"ITEMS", "NOTIFICATIONS", "IDEMPOTENCY"}) {
      environment.put(table + "_TABLE", "priming");
    }
    for (String name :
        new String[] {
          "QUEUE_URL", "DEAD_LETTER_QUEUE_URL", "ENDPOINT_URL_DYNAMODB", "ENDPOINT_URL_SQS"
        }) {
      environment.put(name, endpoint);
    }
    environment.put("AWS_REGION", "us-east-1");
    environment.put("AWS_ACCESS_KEY_ID", "priming");
    environment.put("AWS_SECRET_ACCESS_KEY", "priming");
    return environment;
  }

  private static void serve(ServerSocket endpoint) {
    while (!endpoint.isClosed()) {
      try (Socket client = endpoint.accept()) {
        BufferedReader in =
            new BufferedReader(
                new InputStreamReader(client.getInputStream(), StandardCharsets.ISO_8859_1));
        int length = 0;
        for (String line = in.readLine(); line != null && !line.isEmpty(); line = in.readLine()) {
          if (line.toLowerCase(Locale.ROOT).startsWith("content-length:")) {
            length = Integer.parseInt(line.substring(15).trim());
          }
        }
        for (int i = 0; i < length && in.read() >= 0; i++) {}
        OutputStream out = client.getOutputStream();
        out.write(ANSWER.getBytes(StandardCharsets.ISO_8859_1));
        out.flush();
      } catch (IOException e) {
        // a connection that was given up, or the end
      }
    }
  }

  @Override
  public String getAwsRequestId() {
    return "priming";
  }

  @Override
  public int getRemainingTimeInMillis() {
    return 5_000;
  }

  @Override
  public String getLogGroupName() {
    return "";
  }

  @Override
  public String getLogStreamName() {
    return "";
  }

  @Override
  public String getFunctionName() {
    return "";
  }

  @Override
  public String getFunctionVersion() {
    return "";
  }

  @Override
  public String getInvokedFunctionArn() {
    return "";
  }

  @Override
  public CognitoIdentity getIdentity() {
    throw new UnsupportedOperationException();
  }

  @Override
  public ClientContext getClientContext() {
    throw new UnsupportedOperationException();
  }

  @Override
  public int getMemoryLimitInMB() {
    return 0;
  }

  @Override
  public LambdaLogger getLogger() {
    throw new UnsupportedOperationException();
  }
}

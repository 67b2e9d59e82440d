package dev.asyncitems.snapstart;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.amazonaws.services.lambda.runtime.RequestStreamHandler;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.asyncitems.function.GetData;
import dev.asyncitems.local.LocalRun;
import dev.asyncitems.system.ProjectTemplate;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** With SnapStart, the credentials come from the container's endpoint, not from the environment. */
final class ContainerCredentialsIT {
  private static final String ENDPOINT = "aws.containerCredentialsFullUri";
  private static final String TOKEN = "aws.containerAuthorizationToken";

  private final LocalRun run = ProjectTemplate.run().withoutFront().withoutPollers().start();

  /** The authorization tokens that the endpoint received. */
  private final List<String> asked = new CopyOnWriteArrayList<>();

  private HttpServer endpoint;
  private volatile int status = 200;

  @BeforeEach
  void start() throws IOException {
    endpoint = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    endpoint.createContext("/", this::answer);
    endpoint.start();
    System.setProperty(ENDPOINT, "http://127.0.0.1:" + endpoint.getAddress().getPort());
    System.setProperty(TOKEN, "of the container");
  }

  @AfterEach
  void close() {
    System.clearProperty(ENDPOINT);
    System.clearProperty(TOKEN);
    endpoint.stop(0);
    run.close();
  }

  private void answer(HttpExchange exchange) throws IOException {
    try (exchange) {
      asked.add(exchange.getRequestHeaders().getFirst("Authorization"));
      byte[] body =
          """
          {"AccessKeyId": "local", "SecretAccessKey": "local", "Token": "session", "Expiration": "%s"}
          """
              .formatted(Clock.systemUTC().instant().plusSeconds(3_600))
              .getBytes(UTF_8);
      exchange.sendResponseHeaders(status, body.length);
      exchange.getResponseBody().write(body);
    }
  }

  private GetData function() {
    Map<String, String> environment = new HashMap<>(run.environment("GetData"));
    environment.keySet().removeIf(name -> name.matches("AWS_(ACCESS_KEY_ID|SECRET_.*|SESSION_.*)"));
    return new GetData(environment, Clock.systemUTC());
  }

  @Test
  void bothClientsHaveThemByOneCall() throws IOException {
    try (GetData function = function()) {
      assertThat(asked).as("no request before the first call").isEmpty();
      assertThat(answer(function)).startsWith("{\"statusCode\":200,");
      assertThat(answer(function)).startsWith("{\"statusCode\":200,");
    }
    assertThat(asked).containsExactly("of the container");
  }

  @Test
  void withoutThemACallIsUnavailableUntilTheyAreThere() throws IOException {
    try (GetData function = function()) {
      status = 500;
      assertThat(answer(function)).startsWith("{\"statusCode\":503,");
      status = 200;
      assertThat(answer(function)).startsWith("{\"statusCode\":200,");
    }
  }

  private static String answer(RequestStreamHandler function) throws IOException {
    byte[] event = Files.readAllBytes(Path.of(System.getProperty("events"), "get-data.json"));
    ByteArrayOutputStream answer = new ByteArrayOutputStream();
    function.handleRequest(new ByteArrayInputStream(event), answer, Priming.CONTEXT);
    return answer.toString(UTF_8);
  }
}

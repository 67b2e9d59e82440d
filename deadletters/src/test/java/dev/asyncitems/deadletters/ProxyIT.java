package dev.asyncitems.deadletters;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.asyncitems.local.LocalRun;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.junit.jupiter.api.Test;

/** The command in its own process, whose environment names a proxy. */
final class ProxyIT {
  private static final String REJECTION =
      "HTTP/1.1 403 No\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
  private static final String AWS_QUEUE = "https://sqs.eu-west-1.amazonaws.com/123456789012/dead";

  /** A proxy that rejects every request, and keeps the request lines. */
  private static final class RejectingProxy implements AutoCloseable {
    private final ServerSocket socket = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    private final Queue<String> asked = new ConcurrentLinkedQueue<>();

    RejectingProxy() throws IOException {
      Thread.ofVirtual().start(this::serve);
    }

    private void serve() {
      while (!socket.isClosed()) {
        try (Socket client = socket.accept()) {
          BufferedReader lines =
              new BufferedReader(new InputStreamReader(client.getInputStream(), UTF_8));
          asked.add(String.valueOf(lines.readLine()));
          for (String line = lines.readLine(); line != null && !line.isEmpty(); ) {
            line = lines.readLine();
          }
          client.getOutputStream().write(REJECTION.getBytes(UTF_8));
        } catch (IOException e) {
          if (!socket.isClosed()) {
            throw new UncheckedIOException(e);
          }
        }
      }
    }

    String url() {
      return "http://127.0.0.1:" + socket.getLocalPort();
    }

    @Override
    public void close() throws IOException {
      socket.close();
    }
  }

  private static String list(Map<String, String> environment, String... arguments)
      throws Exception {
    List<String> command =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "-Daws.configFile=none",
                "-Daws.sharedCredentialsFile=none",
                "-Daws.accessKeyId=local",
                "-Daws.secretAccessKey=local",
                "-cp",
                System.getProperty("java.class.path"),
                Main.class.getName(),
                "list"));
    command.addAll(List.of(arguments));
    ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
    builder
        .environment()
        .keySet()
        .removeIf(name -> name.toLowerCase(Locale.ROOT).endsWith("_proxy"));
    builder.environment().putAll(environment);
    Process process = builder.start();
    process.getOutputStream().close();
    String printed = new String(process.getInputStream().readAllBytes(), UTF_8);
    return process.waitFor() + " " + printed;
  }

  @Test
  void callsThisMachineDirectly() throws Exception {
    try (RejectingProxy proxy = new RejectingProxy();
        LocalRun run =
            LocalRun.of(Path.of(System.getProperty("template")))
                .parameter("Access", "open")
                .withoutFront()
                .withoutPollers()
                .start()) {
      String printed =
          list(
              Map.of("HTTP_PROXY", proxy.url(), "HTTPS_PROXY", proxy.url()),
              "-q",
              run.queueUrl("NotificationDeadLetterQueue"),
              "-t",
              run.tableName("Notifications"),
              "--region",
              "us-east-1",
              "--endpoint-url",
              run.sqsEndpoint().toString(),
              "--dynamodb-endpoint-url",
              run.dynamoDbEndpoint().toString());
      assertThat(printed).startsWith("0 ");
      assertThat(proxy.asked).isEmpty();
    }
  }

  @Test
  void callsAwsThroughTheProxyOfItsScheme() throws Exception {
    try (RejectingProxy proxy = new RejectingProxy()) {
      String printed =
          list(
              Map.of("HTTPS_PROXY", proxy.url(), "HTTP_PROXY", "http://127.0.0.1:9"),
              "-q",
              AWS_QUEUE,
              "-t",
              "Notifications",
              "--region",
              "eu-west-1");
      assertThat(printed).startsWith("1 The command failed: ");
      assertThat(proxy.asked)
          .isNotEmpty()
          .containsOnly("CONNECT sqs.eu-west-1.amazonaws.com:443 HTTP/1.1");
    }
  }

  /** No DNS contains the host's name, so nothing is called. */
  @Test
  void callsHostsOfNoProxyDirectly() throws Exception {
    try (RejectingProxy proxy = new RejectingProxy()) {
      String printed =
          list(
              Map.of("HTTPS_PROXY", proxy.url(), "NO_PROXY", "*.invalid"),
              "-q",
              AWS_QUEUE,
              "-t",
              "Notifications",
              "--region",
              "eu-west-1",
              "--endpoint-url",
              "https://sqs.eu-west-1.invalid");
      assertThat(printed).startsWith("1 The command failed: ");
      assertThat(proxy.asked).isEmpty();
    }
  }
}

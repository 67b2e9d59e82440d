package dev.asyncitems.bench;

import dev.asyncitems.local.LocalRun;
import dev.asyncitems.local.template.Function;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.util.Map;
import java.util.TreeMap;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLServerSocket;
import javax.net.ssl.SSLSocket;

/**
 * The engines of the local run behind TLS, as on AWS. Prints the environment of each function, one
 * variable a line, and serves until its standard input ends.
 *
 * <p>Arguments: the template, a PKCS12 key store for {@code localhost}, its password.
 */
public final class Backend {
  private Backend() {}

  public static void main(String[] args) throws IOException, GeneralSecurityException {
    SSLContext tls = context(Path.of(args[1]), args[2].toCharArray());
    try (LocalRun run = run(args[0])) {
      URI dynamoDb = front(tls, run.dynamoDbEndpoint());
      URI sqs = front(tls, run.sqsEndpoint());
      for (Function function : run.template().functions()) {
        Map<String, String> environment = new TreeMap<>(run.environment(function.id()));
        environment.put("ENDPOINT_URL_DYNAMODB", dynamoDb.toString());
        environment.put("ENDPOINT_URL_SQS", sqs.toString());
        environment.forEach(
            (name, value) -> System.out.println(function.id() + "\t" + name + "\t" + value));
      }
      System.out.println("plain\tDYNAMODB\t" + run.dynamoDbEndpoint());
      System.out.println("ready");
      while (System.in.read() >= 0) {}
    }
  }

  /** Starts the template's engines and functions, without its triggers. */
  static LocalRun run(String template) {
    return LocalRun.of(Path.of(template))
        .parameter("Access", "open")
        .withoutFront()
        .withoutPollers()
        .start();
  }

  private static SSLContext context(Path keys, char[] password)
      throws IOException, GeneralSecurityException {
    KeyStore store = KeyStore.getInstance("PKCS12");
    try (InputStream in = Files.newInputStream(keys)) {
      store.load(in, password);
    }
    KeyManagerFactory managers =
        KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
    managers.init(store, password);
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(managers.getKeyManagers(), null, null);
    return context;
  }

  private static URI front(SSLContext tls, URI plain) throws IOException {
    SSLServerSocket server =
        (SSLServerSocket)
            tls.getServerSocketFactory()
                .createServerSocket(0, 100, InetAddress.getLoopbackAddress());
    Thread.startVirtualThread(() -> {
      while (true) {
        try {
          SSLSocket client = (SSLSocket) server.accept();
          client.setTcpNoDelay(true);
          Socket engine = new Socket(plain.getHost(), plain.getPort());
          engine.setTcpNoDelay(true);
          Thread.startVirtualThread(() -> relay(client, engine));
          Thread.startVirtualThread(() -> relay(engine, client));
        } catch (IOException e) {
          throw new UncheckedIOException(e);
        }
      }
    });
    return URI.create("https://localhost:" + server.getLocalPort());
  }

  private static void relay(Socket from, Socket to) {
    try (from;
        to) {
      InputStream in = from.getInputStream();
      OutputStream out = to.getOutputStream();
      byte[] buffer = new byte[65536];
      for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
        out.write(buffer, 0, n);
        out.flush();
      }
    } catch (IOException e) {
      // one side has closed the connection
    }
  }
}

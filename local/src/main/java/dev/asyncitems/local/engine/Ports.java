package dev.asyncitems.local.engine;

import dev.asyncitems.local.http.Loopback;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;

final class Ports {

  // Operating systems assign higher ports to outgoing connections (on Linux from 32,768). Such a
  // port could be taken before the engine listens on it.
  private static final int LOWEST = 20_000;
  private static final int BEYOND = 32_768;

  private Ports() {}

  /** Returns the port. For 0, returns a port that is free at all addresses of the host. */
  static int chosen(String host, int port) {
    return port == 0 ? free(host) : port;
  }

  /**
   * Returns an error's message.
   *
   * @param option the option that sets the port
   */
  static String cannotListen(String engine, String host, int port, String option, Exception why) {
    return "%s can't listen on %s:%d: %s. Choose another port, such as %s %d, or another --engine-host."
        .formatted(
            engine, host, port, why.getMessage(), option, port < 65_535 ? port + 1 : port - 1);
  }

  private static int free(String host) {
    IOException last = new IOException("no port is free");
    for (int attempt = 0; attempt < 100; attempt++) {
      int port = ThreadLocalRandom.current().nextInt(LOWEST, BEYOND);
      try {
        listen(Loopback.addresses(host), port);
        return port;
      } catch (IOException e) {
        last = e;
      }
    }
    throw new EngineException(
        "Can't listen on any port of %s: %s. Choose another --engine-host."
            .formatted(host, last.getMessage()),
        last);
  }

  private static void listen(List<String> addresses, int port) throws IOException {
    for (String address : addresses) {
      new ServerSocket(port, 1, InetAddress.getByName(address)).close();
    }
  }
}

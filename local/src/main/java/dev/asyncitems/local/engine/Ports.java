package dev.asyncitems.local.engine;

import dev.asyncitems.local.http.Loopback;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.List;

/** Finds ports. */
final class Ports {

  private Ports() {}

  /** A port that nobody listens on at this moment. */
  static int free(String host) {
    IOException last = new IOException("no port is free");
    for (int attempt = 0; attempt < 20; attempt++) {
      try {
        return free(Loopback.addresses(host));
      } catch (IOException e) { // the port that is free at the first address may not be at another
        last = e;
      }
    }
    throw new EngineException("There is no listening on " + host + ": " + last.getMessage(), last);
  }

  private static int free(List<String> addresses) throws IOException {
    int port = 0;
    for (String address : addresses) {
      try (ServerSocket socket = new ServerSocket(port, 1, InetAddress.getByName(address))) {
        port = socket.getLocalPort();
      }
    }
    return port;
  }
}

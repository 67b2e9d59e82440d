package dev.asyncitems.local.engine;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;

/** Finds ports. */
final class Ports {

  private Ports() {}

  /** A port that nobody listens on at this moment. */
  static int free(String host) {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getByName(host))) {
      return socket.getLocalPort();
    } catch (IOException e) {
      throw new EngineException("There is no listening on " + host + ": " + e.getMessage(), e);
    }
  }
}

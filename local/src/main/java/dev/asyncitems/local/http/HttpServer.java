package dev.asyncitems.local.http;

import dev.asyncitems.local.invocation.RunListener;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.URI;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.eclipse.jetty.http.HttpCompliance;
import org.eclipse.jetty.http.HttpException;
import org.eclipse.jetty.http.HttpStatus;
import org.eclipse.jetty.http.UriCompliance;
import org.eclipse.jetty.server.Connector;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.server.handler.ErrorHandler;
import org.eclipse.jetty.util.Callback;
import org.eclipse.jetty.util.thread.QueuedThreadPool;

/** An HTTP server on a loopback port, with a virtual thread for each request. Thread-safe. */
public final class HttpServer implements AutoCloseable {

  /** The host of {@link #uri}. */
  public static final String HOST = "127.0.0.1";

  /** Jetty's limit for the first line and the headers of a request or a response, in bytes. */
  private static final int HEAD_BUFFER = 64 * 1024;

  /** The server's name in failure messages. */
  private static final String NAME = "The HTTP server";

  private final Server server;
  private final ServerConnector connector;
  private final ExecutorService threads;
  private final Handler.Sequence handlers = new Handler.Sequence();

  /**
   * Opens the port. Connections wait until {@link #serve} is called.
   *
   * @param port the port to listen on; 0 takes a free port
   * @param listener receives exceptions of handlers
   * @throws IOException if the server cannot listen on the port
   */
  public HttpServer(int port, RunListener listener) throws IOException {
    threads = Executors.newVirtualThreadPerTaskExecutor();
    QueuedThreadPool pool = new QueuedThreadPool(16, 4);
    pool.setName("http");
    pool.setDaemon(true);
    pool.setVirtualThreadsExecutor(threads);
    server = new Server(pool);
    HttpConfiguration http = new HttpConfiguration();
    http.setRequestHeaderSize(HEAD_BUFFER);
    http.setResponseHeaderSize(HEAD_BUFFER);
    http.setSendServerVersion(false);
    http.setUriCompliance(UriCompliance.UNSAFE);
    http.setHttpCompliance(HttpCompliance.RFC7230_LEGACY);
    // Without this setting, Jetty changes charset=utf-8 to charset=UTF-8.
    http.setHeaderCacheCaseSensitive(true);
    server.setStopTimeout(0);
    server.setErrorHandler(new Problems(listener));
    try {
      connector = listen(server, http, port);
    } catch (IOException e) {
      threads.shutdownNow();
      throw e;
    }
  }

  /** Opens the port at each loopback address and returns the connector of {@link #HOST}. */
  private static ServerConnector listen(Server server, HttpConfiguration http, int port)
      throws IOException {
    List<ServerConnector> connectors = new ArrayList<>();
    for (int attempt = 1; ; attempt++) {
      try {
        for (String address : Loopback.addresses(HOST)) {
          ServerConnector connector = new ServerConnector(server, 1, 1, new RawHttp(http));
          connector.setHost(address);
          connector.setPort(connectors.isEmpty() ? port : connectors.getFirst().getLocalPort());
          connector.setIdleTimeout(60_000);
          connector.setAcceptQueueSize(1_024);
          connector.open();
          connectors.add(connector);
        }
        connectors.forEach(server::addConnector);
        return connectors.getFirst();
      } catch (IOException e) {
        connectors.forEach(ServerConnector::close);
        connectors.clear();
        // A port that is free at the first address may be taken at another address.
        if (port != 0 || attempt == 20) {
          throw e;
        }
      }
    }
  }

  /** Adds a handler. It gets the requests that no earlier handler has answered. */
  public void add(Handler handler) {
    handlers.addHandler(handler);
  }

  public void serve() {
    server.setHandler(handlers);
    try {
      server.start();
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }

  public URI uri() {
    return URI.create("http://" + HOST + ":" + connector.getLocalPort());
  }

  /**
   * Returns a request's target as the client sent it. Jetty's own methods would change it. For an
   * absolute target, returns the part after the authority.
   */
  public static String target(Request request) {
    String target = RawHttp.target(request);
    int scheme = target.indexOf("://");
    if (scheme > 0 && !target.startsWith("/")) {
      int slash = target.indexOf('/', scheme + 3);
      return slash < 0 ? "/" : target.substring(slash);
    }
    return target;
  }

  @Override
  public void close() {
    try {
      for (Connector one : server.getConnectors()) {
        ((ServerConnector) one).close();
      }
      server.stop();
    } catch (Exception e) {
      throw new IllegalStateException(e);
    } finally {
      threads.shutdownNow();
    }
  }

  /** A handler that answers malformed requests and failures of handlers with problem responses. */
  private static final class Problems extends ErrorHandler {

    private final RunListener listener;

    Problems(RunListener listener) {
      this.listener = listener;
    }

    @Override
    public boolean handle(Request request, Response response, Callback callback) {
      String requestId = UUID.randomUUID().toString();
      Reply problem =
          problem(request.getAttribute(ERROR_EXCEPTION), response.getStatus(), requestId);
      response.setStatus(problem.status());
      problem
          .headers()
          .forEach(header -> response.getHeaders().put(header.getKey(), header.getValue()));
      response.write(true, ByteBuffer.wrap(problem.body()), callback);
      return true;
    }

    private Reply problem(Object why, int status, String requestId) {
      if (why instanceof Throwable failure && !(why instanceof HttpException)) {
        listener.failed(NAME, requestId, failure);
        // Unlike production, a local run shows stack traces to the client.
        StringWriter stack = new StringWriter();
        failure.printStackTrace(new PrintWriter(stack));
        return Reply.problem(
            500,
            NAME + " failed: " + failure,
            requestId,
            stack.toString().lines().map(String::strip).toList());
      }
      String reason = why instanceof HttpException http ? http.getReason() : null;
      return Reply.problem(
          clientsStatus(status),
          "The request can't be read" + (reason == null ? "." : ": " + reason),
          requestId);
    }

    /**
     * Returns a 4xx status, since Jetty reports some errors of the client with a 5xx such as 505.
     */
    private static int clientsStatus(int status) {
      if (status == HttpStatus.URI_TOO_LONG_414) {
        return HttpStatus.REQUEST_HEADER_FIELDS_TOO_LARGE_431;
      }
      return status >= 400 && status < 500 ? status : 400;
    }
  }
}

package dev.asyncitems.local.engine;

import dev.asyncitems.local.http.Guard;
import dev.asyncitems.local.http.Loopback;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Optional;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.server.handler.ContextHandler;
import org.eclipse.jetty.util.Callback;
import org.eclipse.jetty.util.thread.QueuedThreadPool;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.services.dynamodb.model.ExecuteTransactionRequest;
import software.amazon.awssdk.services.dynamodb.model.ExecuteTransactionResponse;
import software.amazon.awssdk.services.dynamodb.model.ListTablesRequest;
import software.amazon.awssdk.services.dynamodb.model.TransactWriteItemsRequest;
import software.amazon.awssdk.services.dynamodb.model.TransactWriteItemsResponse;
import software.amazon.dynamodb.services.local.server.LocalDynamoDBRequestHandler;
import software.amazon.dynamodb.services.local.server.LocalDynamoDBServerHandler;

/**
 * DynamoDB Local in a Jetty server of the local run. DynamoDB Local's own server would listen on
 * every network interface and send telemetry.
 */
final class DynamoDbEngine {

  // DynamoDB Local sets a level, which the garbage collector or the JVM's shutdown may reset.
  private static final Logger DATABASE = Logger.getLogger("com.almworks.sqlite4java");

  static {
    DATABASE.setFilter(line -> line.getLevel().intValue() >= Level.WARNING.intValue());
  }

  private final String host;
  private final @Nullable Path folder;
  private final Guard guard;
  private final int port;
  private @Nullable Server server;
  private @Nullable LocalDynamoDBRequestHandler requests;

  /** Creates an engine. The guard decides which clients get a response. */
  DynamoDbEngine(String host, int port, @Nullable Path folder, Guard guard) {
    this.host = host;
    this.guard = guard;
    this.folder = folder;
    this.port = port;
  }

  synchronized void start() {
    if (server != null) {
      return;
    }
    QueuedThreadPool threads = new QueuedThreadPool(64, 4);
    threads.setName("dynamodb");
    threads.setDaemon(true);
    Server starting = new Server(threads);
    for (String address : Loopback.addresses(host)) {
      ServerConnector connector = new ServerConnector(starting, 1, 1);
      connector.setHost(address);
      connector.setPort(port);
      starting.addConnector(connector);
    }
    starting.setStopTimeout(0);
    try {
      LocalDynamoDBRequestHandler handler =
          folder == null
              ? new LocalDynamoDBRequestHandler(0, true, null, true, false)
              : new CommittedRequestHandler(folder);
      requests = handler;
      server = starting; // The field is set before the start, so that stop() works after a failure.
      starting.setHandler(
          new Handler.Sequence(
              new GuardHandler(), new ContextHandler(new AnyKeyServerHandler(handler), "/")));
      starting.start();
    } catch (Exception e) {
      stop();
      throw new EngineException(
          e instanceof IOException
              ? Ports.cannotListen("DynamoDB Local", host, port, "--dynamodb-port", e)
              : "DynamoDB Local doesn't start: " + e,
          e);
    }
  }

  synchronized void stop() {
    Server running = server;
    if (running == null) {
      return;
    }
    server = null;
    try {
      running.stop();
    } catch (Exception e) {
      throw new EngineException("DynamoDB Local doesn't stop: " + e, e);
    } finally {
      LocalDynamoDBRequestHandler handler = requests;
      if (handler != null) {
        handler.shutdown();
        requests = null;
      }
    }
  }

  /** A handler that answers the requests that the guard rejects. */
  private final class GuardHandler extends Handler.Abstract.NonBlocking {
    @Override
    public boolean handle(Request request, Response response, Callback callback) {
      Optional<String> rejection = guard.rejection(Guard.values(request.getHeaders()));
      if (rejection.isEmpty()) {
        return false;
      }
      response.setStatus(RejectionResponse.STATUS);
      response.getHeaders().put("Content-Type", RejectionResponse.CONTENT_TYPE);
      response.write(true, ByteBuffer.wrap(RejectionResponse.body(rejection.get())), callback);
      return true;
    }
  }

  /**
   * A handler that accepts any access key id, because all callers share the same tables. DynamoDB
   * Local itself accepts only letters and digits.
   */
  private static final class AnyKeyServerHandler extends LocalDynamoDBServerHandler {
    AnyKeyServerHandler(LocalDynamoDBRequestHandler requests) {
      super(requests, null);
    }

    @Override
    protected String getAccessKey(Request request) {
      return "any";
    }
  }

  /**
   * A handler that responds after a transaction is committed. DynamoDB Local responds before the
   * commit, so a crash could lose an acknowledged write. This handler therefore makes a read,
   * because a read waits for the commit.
   */
  private static final class CommittedRequestHandler extends LocalDynamoDBRequestHandler {
    private static final ListTablesRequest ANY_READ = ListTablesRequest.builder().limit(1).build();

    CommittedRequestHandler(Path folder) {
      super(0, false, folder.toString(), true, false);
    }

    @Override
    public TransactWriteItemsResponse transactWriteItems(
        String accessKey, String region, TransactWriteItemsRequest request) {
      TransactWriteItemsResponse response = super.transactWriteItems(accessKey, region, request);
      var _ = listTables(accessKey, region, ANY_READ);
      return response;
    }

    @Override
    public ExecuteTransactionResponse executeTransaction(
        String accessKey, String region, ExecuteTransactionRequest request) {
      ExecuteTransactionResponse response = super.executeTransaction(accessKey, region, request);
      var _ = listTables(accessKey, region, ANY_READ);
      return response;
    }
  }
}

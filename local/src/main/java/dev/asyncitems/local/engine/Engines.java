package dev.asyncitems.local.engine;

import dev.asyncitems.local.http.Guard;
import dev.asyncitems.local.template.Queue;
import dev.asyncitems.local.template.Surroundings;
import dev.asyncitems.local.template.Template;
import java.io.IOException;
import java.net.URI;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.services.dynamodb.DynamoDbClient;
import software.amazon.awssdk.services.sqs.SqsClient;

/** The DynamoDB and SQS of a run. Endpoints are known before the engines start. Thread-safe. */
public final class Engines implements AutoCloseable {

  private final Optional<DynamoDbEngine> dynamoDb;
  private final Optional<SqsEngine> sqs;
  private final @Nullable FileLock lock;
  private final Clients clients;

  private Engines(
      Optional<DynamoDbEngine> dynamoDb,
      Optional<SqsEngine> sqs,
      @Nullable FileLock lock,
      Clients clients) {
    this.dynamoDb = dynamoDb;
    this.sqs = sqs;
    this.lock = lock;
    this.clients = clients;
  }

  /**
   * Creates engines inside this JVM.
   *
   * @param host the address to listen on
   * @param dynamoDbPort the port of DynamoDB; 0 takes a free port
   * @param sqsPort the port of SQS; 0 takes a free port
   * @param folder the folder for their data; null keeps the data in memory
   * @param guard decides which clients get a response
   */
  public static Engines embedded(
      String host,
      int dynamoDbPort,
      int sqsPort,
      @Nullable Path folder,
      Surroundings surroundings,
      Guard guard) {
    int ownDynamoDbPort = Ports.chosen(host, dynamoDbPort);
    int ownSqsPort = Ports.chosen(host, sqsPort);
    String reachable = host.equals("0.0.0.0") || host.equals("::") ? "127.0.0.1" : host;
    String address = reachable.contains(":") ? "[" + reachable + "]" : reachable;
    Clients clients =
        new Clients(
            URI.create("http://" + address + ":" + ownDynamoDbPort),
            URI.create("http://" + address + ":" + ownSqsPort),
            surroundings.region(),
            true);
    DynamoDbEngine dynamoDb =
        new DynamoDbEngine(
            host, ownDynamoDbPort, folder == null ? null : folder.resolve("dynamodb"), guard);
    SqsEngine sqs = new SqsEngine(host, ownSqsPort, folder, surroundings, guard);
    // The lock comes last, because a failure after locking would leave the folder locked.
    FileLock lock = folder == null ? null : lock(folder);
    return new Engines(Optional.of(dynamoDb), Optional.of(sqs), lock, clients);
  }

  /** Returns engines outside this JVM. Both DynamoDB and SQS answer at the endpoint. */
  public static Engines at(URI endpoint, Surroundings surroundings) {
    Clients clients = new Clients(endpoint, endpoint, surroundings.region(), false);
    return new Engines(Optional.empty(), Optional.empty(), null, clients);
  }

  private static FileLock lock(Path folder) {
    try {
      Files.createDirectories(folder.resolve("dynamodb"));
      @SuppressWarnings("resource") // close() closes the channel, which releases the lock.
      FileChannel channel =
          FileChannel.open(
              folder.resolve("lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
      FileLock lock = channel.tryLock();
      if (lock == null) {
        channel.close();
        throw new EngineException("The data folder " + folder + " is in use by another run.");
      }
      return lock;
    } catch (OverlappingFileLockException e) {
      throw new EngineException("The data folder " + folder + " is in use by another run.", e);
    } catch (IOException e) {
      throw new EngineException("The data folder " + folder + " can't be used: " + e, e);
    }
  }

  public URI dynamoDbEndpoint() {
    return clients.dynamoDbEndpoint();
  }

  public URI sqsEndpoint() {
    return clients.sqsEndpoint();
  }

  /**
   * Returns the system properties by which SDK clients without an endpoint reach these engines. The
   * SDK prefers system properties to environment variables.
   */
  public Map<String, String> settings() {
    return Map.of(
        "aws.region", clients.region(),
        "aws.accessKeyId", "local",
        "aws.secretAccessKey", "local",
        "aws.endpointUrlDynamoDb", dynamoDbEndpoint().toString(),
        "aws.endpointUrlSqs", sqsEndpoint().toString());
  }

  /** Returns the part of a queue's URL before the queue's name. */
  public static String queueUrlPrefix(URI sqsEndpoint, String account) {
    String base = sqsEndpoint.toString();
    return (base.endsWith("/") ? base : base + "/") + account + "/";
  }

  /** Returns a client of this SQS. Closing the engines closes the client. */
  public SqsClient sqsClient() {
    return clients.sqs();
  }

  /** Returns a client of this DynamoDB. Closing the engines closes the client. */
  public DynamoDbClient dynamoDbClient() {
    return clients.dynamoDb();
  }

  /**
   * Returns the messages of a queue, oldest first, without receiving them. Returns empty for an
   * external engine. The list keeps messages that another client has purged.
   */
  public Optional<List<QueuedMessage>> messages(Queue queue) {
    return sqs.map(engine -> engine.messages(queue.name()));
  }

  public void purge(Queue queue) {
    sqsClient().purgeQueue(r -> r.queueUrl(queue.url()));
    sqs.ifPresent(engine -> engine.purged(queue.name()));
  }

  /**
   * Starts DynamoDB and creates the missing tables.
   *
   * @throws EngineException if a table that the template uses but does not create is missing
   */
  public void startDynamoDb(Template template) {
    dynamoDb.ifPresent(DynamoDbEngine::start);
    clients.createTables(template.tables());
    clients.requireTables(template.existingTables());
  }

  /** Starts SQS, creates the missing queues and restores their stored messages. */
  public void startSqs(Template template) {
    sqs.ifPresent(SqsEngine::start);
    clients.createQueues(template);
    sqs.ifPresent(engine -> template.queues().forEach(queue -> engine.restore(queue.name())));
  }

  /** Stops SQS. Without a data folder, its messages are lost. */
  public void stopSqs() {
    embedded(sqs, "SQS").stop();
  }

  /** Stops DynamoDB. Without a data folder, its rows are lost. */
  public void stopDynamoDb() {
    embedded(dynamoDb, "DynamoDB").stop();
  }

  private static <T> T embedded(Optional<T> engine, String name) {
    return engine.orElseThrow(
        () -> new EngineException(name + " is not embedded in this run and can't be stopped."));
  }

  @Override
  public void close() {
    try {
      clients.close();
      sqs.ifPresent(SqsEngine::stop);
    } finally {
      try {
        dynamoDb.ifPresent(DynamoDbEngine::stop);
      } finally {
        release();
      }
    }
  }

  private void release() {
    if (lock != null) {
      try {
        lock.acquiredBy().close();
      } catch (IOException e) {
        throw new EngineException("The data folder's lock can't be released: " + e, e);
      }
    }
  }
}

package dev.asyncitems.bench;

import static java.util.Objects.requireNonNull;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.asyncitems.function.CreateItem;
import dev.asyncitems.function.ListItems;
import dev.asyncitems.local.LocalRun;
import dev.asyncitems.value.UuidV7;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.dynamodb.DynamoDbAsyncClient;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;
import software.amazon.awssdk.services.dynamodb.model.BatchWriteItemResponse;
import software.amazon.awssdk.services.dynamodb.model.WriteRequest;

/**
 * Measures a page of {@code /items} of small and large tables: the rows that the engine reads, and
 * the time. Each table has its own engines, and their pages are interleaved.
 *
 * <p>Arguments: the template, the folder of the sample events, and table sizes. Prints JSON lines
 * with the items in the table, the rows read for a page, and the seconds of a page: the median of
 * each turn of 20 pages.
 */
public final class Pages implements AutoCloseable {
  private static final int WRITES_AT_ONCE = 8;
  private static final int ROWS_OF_A_WRITE = 25; // the limit of BatchWriteItem
  private static final int TURN = 20; // pages
  private static final int WARM_UP = 100; // turns
  private static final int TURNS = 10;
  private static final Pattern SCANNED = Pattern.compile("\"ScannedCount\":(\\d+)");

  private final int items;
  private final LocalRun run;
  private final ListItems lister;
  private final byte[] list;
  private final List<String> medians = new ArrayList<>(); // of a page of each turn, in seconds

  private Pages(String template, Path events, int items) throws IOException {
    this.items = items;
    run = Backend.run(template);
    lister = new ListItems(run.environment("ListItems"), Clock.systemUTC());
    list = Files.readAllBytes(events.resolve("list-items.json"));
  }

  public static void main(String[] args) throws Exception {
    PrintStream results = System.out;
    System.setOut(new PrintStream(OutputStream.nullOutputStream(), false, StandardCharsets.UTF_8));
    Path events = Path.of(args[1]);
    List<Pages> tables = new ArrayList<>();
    for (int i = 2; i < args.length; i++) {
      Pages table = new Pages(args[0], events, Integer.parseInt(args[i]));
      table.fill(events);
      tables.add(table);
    }
    for (int turn = 0; turn < WARM_UP + TURNS; turn++) {
      for (Pages table : tables) {
        table.take(turn >= WARM_UP);
      }
    }
    for (Pages table : tables) {
      results.println(table.result());
      table.close();
    }
  }

  private void take(boolean measured) {
    long[] nanos = new long[TURN];
    for (int i = 0; i < TURN; i++) {
      long start = System.nanoTime();
      Invocations.invoke(lister, list);
      nanos[i] = System.nanoTime() - start;
    }
    if (measured) {
      Arrays.sort(nanos);
      medians.add(String.format(Locale.ROOT, "%.6f", nanos[TURN / 2] / 1e9));
    }
  }

  private String result() throws IOException {
    return String.format(
        Locale.ROOT, "{\"items\": %d, \"read\": %d, \"seconds\": %s}", items, read(), medians);
  }

  /** Returns the number of rows that the engine reads for a page. */
  private int read() throws IOException {
    AtomicInteger scanned = new AtomicInteger();
    HttpServer counter = counter(run.dynamoDbEndpoint(), scanned);
    Map<String, String> counted = new HashMap<>(run.environment("ListItems"));
    counted.put("ENDPOINT_URL_DYNAMODB", "http://127.0.0.1:" + counter.getAddress().getPort());
    try (ListItems throughCounter = new ListItems(counted, Clock.systemUTC())) {
      Invocations.invoke(throughCounter, list);
    } finally {
      counter.stop(0);
    }
    return scanned.get();
  }

  @Override
  public void close() {
    lister.close();
    run.close();
  }

  /** Creates an item, and copies its row under other ids. */
  private void fill(Path events) throws IOException, InterruptedException {
    byte[] create =
        Files.readString(events.resolve("create-item.json"))
            .replaceAll("\"idempotency-key\": \"[^\"]*\",?", "")
            .getBytes(StandardCharsets.UTF_8);
    Map<String, String> environment = run.environment("CreateItem");
    String table = requireNonNull(environment.get("ITEMS_TABLE"));
    try (CreateItem creator = new CreateItem(environment, Clock.systemUTC());
        DynamoDbAsyncClient client = client(run.dynamoDbEndpoint(), environment)) {
      String answer = new String(Invocations.invoke(creator, create), StandardCharsets.UTF_8);
      if (!answer.startsWith("{\"statusCode\":201")) {
        throw new IllegalStateException(answer);
      }
      Map<String, AttributeValue> row =
          client.scan(scan -> scan.tableName(table).limit(1)).join().items().getFirst();
      Semaphore free = new Semaphore(WRITES_AT_ONCE);
      List<CompletableFuture<?>> writes = new ArrayList<>();
      for (int left = items - 1; left > 0; left -= ROWS_OF_A_WRITE) {
        List<WriteRequest> puts = new ArrayList<>();
        for (int i = 0; i < Math.min(left, ROWS_OF_A_WRITE); i++) {
          Map<String, AttributeValue> copy = new HashMap<>(row);
          UUID id = UuidV7.at(Instant.now());
          copy.put("id", AttributeValue.fromS(id.toString()));
          copy.put("shard", AttributeValue.fromN(String.valueOf(id.getLeastSignificantBits() & 1)));
          puts.add(WriteRequest.builder().putRequest(put -> put.item(copy)).build());
        }
        free.acquire();
        writes.add(
            client
                .batchWriteItem(batch -> batch.requestItems(Map.of(table, puts)))
                .whenComplete((written, thrown) -> free.release())
                .thenAccept(Pages::checkAllWritten));
      }
      CompletableFuture.allOf(writes.toArray(CompletableFuture[]::new)).join();
    }
  }

  private static void checkAllWritten(BatchWriteItemResponse written) {
    if (written.hasUnprocessedItems() && !written.unprocessedItems().isEmpty()) {
      throw new IllegalStateException("the engine did not write all rows");
    }
  }

  private static DynamoDbAsyncClient client(URI endpoint, Map<String, String> environment) {
    return DynamoDbAsyncClient.builder()
        .endpointOverride(endpoint)
        .region(Region.of(environment.get("AWS_REGION")))
        .credentialsProvider(
            StaticCredentialsProvider.create(
                AwsBasicCredentials.create(
                    environment.get("AWS_ACCESS_KEY_ID"),
                    environment.get("AWS_SECRET_ACCESS_KEY"))))
        .build();
  }

  /** Starts a proxy that counts the rows read, as reported by the engine. */
  private static HttpServer counter(URI engine, AtomicInteger scanned) throws IOException {
    HttpClient client = HttpClient.newHttpClient();
    HttpServer server =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
    server.createContext("/", exchange -> pass(exchange, client, engine, scanned));
    server.start();
    return server;
  }

  private static void pass(
      HttpExchange exchange, HttpClient client, URI engine, AtomicInteger scanned)
      throws IOException {
    try (exchange) {
      HttpRequest.Builder request =
          HttpRequest.newBuilder(engine)
              .POST(
                  HttpRequest.BodyPublishers.ofByteArray(exchange.getRequestBody().readAllBytes()));
      for (String name : List.of("Content-Type", "X-Amz-Target", "X-Amz-Date", "Authorization")) {
        String value = exchange.getRequestHeaders().getFirst(name);
        if (value != null) {
          request.header(name, value);
        }
      }
      byte[] answer = client.send(request.build(), HttpResponse.BodyHandlers.ofByteArray()).body();
      Matcher counts = SCANNED.matcher(new String(answer, StandardCharsets.UTF_8));
      while (counts.find()) {
        scanned.addAndGet(Integer.parseInt(counts.group(1)));
      }
      exchange.getResponseHeaders().set("Content-Type", "application/x-amz-json-1.0");
      exchange.sendResponseHeaders(200, answer.length);
      exchange.getResponseBody().write(answer);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}

package dev.asyncitems.bench;

import static java.util.Objects.requireNonNull;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.asyncitems.function.CreateItem;
import dev.asyncitems.function.ListItems;
import dev.asyncitems.kernel.UuidV7;
import dev.asyncitems.local.LocalRun;
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
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
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
import software.amazon.awssdk.services.dynamodb.model.WriteRequest;

/**
 * A page of {@code /items} of small and large tables: how many rows the engine reads for it, and
 * how long it takes.
 *
 * <p>Arguments: the template, the folder of the sample events, and table sizes in rising order.
 * Prints JSON lines: items in the table, rows read for a page, seconds of a page (median, least and
 * most of 200).
 */
public final class Pages {
  private static final int WRITES_AT_ONCE = 8;
  private static final int ROWS_OF_A_WRITE = 25; // as many as BatchWriteItem takes
  private static final int WARM_UP = 2_000;
  private static final int TIMES = 200;
  private static final Pattern SCANNED = Pattern.compile("\"ScannedCount\":(\\d+)");

  private Pages() {}

  public static void main(String[] args) throws Exception {
    PrintStream results = System.out;
    System.setOut(new PrintStream(OutputStream.nullOutputStream(), false, StandardCharsets.UTF_8));
    byte[] create =
        Files.readString(Path.of(args[1], "create-item.json"))
            .replaceAll("\"idempotency-key\": \"[^\"]*\",?", "")
            .getBytes(StandardCharsets.UTF_8);
    byte[] list = Files.readAllBytes(Path.of(args[1], "list-items.json"));
    try (LocalRun run = Backend.run(args[0])) {
      AtomicInteger scanned = new AtomicInteger();
      HttpServer counter = counter(run.dynamoDbEndpoint(), scanned);
      Map<String, String> environment = run.environment("ListItems");
      Map<String, String> counted = new HashMap<>(environment);
      counted.put("ENDPOINT_URL_DYNAMODB", "http://127.0.0.1:" + counter.getAddress().getPort());
      try (CreateItem creator = new CreateItem(run.environment("CreateItem"), Clock.systemUTC());
          ListItems lister = new ListItems(environment, Clock.systemUTC());
          ListItems countedLister = new ListItems(counted, Clock.systemUTC());
          DynamoDbAsyncClient client = client(run.dynamoDbEndpoint(), environment)) {
        int items = 0;
        for (int i = 2; i < args.length; i++) {
          int size = Integer.parseInt(args[i]);
          fill(
              creator,
              create,
              client,
              requireNonNull(environment.get("ITEMS_TABLE")),
              size - items);
          items = size;
          scanned.set(0);
          Invocations.invoke(countedLister, list);
          int read = scanned.get();
          List<Double> seconds = seconds(lister, list);
          results.printf(
              "{\"items\": %d, \"read\": %d, \"median\": %.6f, \"min\": %.6f, \"max\": %.6f}%n",
              size, read, seconds.get(TIMES / 2), seconds.getFirst(), seconds.getLast());
        }
      }
      counter.stop(0);
    }
  }

  /** Creates an item, and writes its row again and again under other ids. */
  private static void fill(
      CreateItem creator, byte[] event, DynamoDbAsyncClient client, String table, int count)
      throws InterruptedException {
    String answer = new String(Invocations.invoke(creator, event), StandardCharsets.UTF_8);
    if (!answer.startsWith("{\"statusCode\":201")) {
      throw new IllegalStateException(answer);
    }
    Map<String, AttributeValue> row =
        client.scan(scan -> scan.tableName(table).limit(1)).join().items().getFirst();
    Semaphore free = new Semaphore(WRITES_AT_ONCE);
    List<CompletableFuture<?>> writes = new ArrayList<>();
    for (int left = count - 1; left > 0; left -= ROWS_OF_A_WRITE) {
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
              .whenComplete((written, thrown) -> free.release()));
    }
    CompletableFuture.allOf(writes.toArray(CompletableFuture[]::new)).join();
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

  /** In rising order. */
  private static List<Double> seconds(ListItems lister, byte[] list) {
    List<Double> seconds = new ArrayList<>();
    for (int i = 0; i < WARM_UP + TIMES; i++) {
      long start = System.nanoTime();
      Invocations.invoke(lister, list);
      if (i >= WARM_UP) {
        seconds.add((System.nanoTime() - start) / 1e9);
      }
    }
    Collections.sort(seconds);
    return seconds;
  }

  /** Passes requests on to the engine, and adds up the rows that it says it read. */
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

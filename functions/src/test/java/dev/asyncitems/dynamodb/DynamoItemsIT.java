package dev.asyncitems.dynamodb;

import static dev.asyncitems.item.TestItems.named;
import static org.assertj.core.api.Assertions.assertThat;

import dev.asyncitems.call.Deadline;
import dev.asyncitems.call.Pause;
import dev.asyncitems.call.Retries;
import dev.asyncitems.item.Item;
import dev.asyncitems.item.ItemContent;
import dev.asyncitems.item.Items;
import dev.asyncitems.local.LocalRun;
import dev.asyncitems.metric.Contention;
import dev.asyncitems.paging.Page;
import dev.asyncitems.paging.PageRequest;
import dev.asyncitems.paging.Position;
import dev.asyncitems.system.Lane;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.core.interceptor.Context;
import software.amazon.awssdk.core.interceptor.ExecutionAttributes;
import software.amazon.awssdk.core.interceptor.ExecutionInterceptor;
import software.amazon.awssdk.http.crt.AwsCrtAsyncHttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.dynamodb.DynamoDbAsyncClient;
import software.amazon.awssdk.services.dynamodb.model.QueryResponse;

/** Counts the rows that one page of items reads, on a real engine. */
@TestInstance(Lifecycle.PER_CLASS)
final class DynamoItemsIT {
  private static final Retries RETRIES = new Retries(Random::new, Pause.REAL);
  private static final int SHARDS = 4;
  private static final int ITEMS = 200;

  private final AtomicInteger rowsRead = new AtomicInteger();
  private final LocalRun run = Lane.run().withoutFront().withoutPollers().start();
  private final DynamoDbAsyncClient client =
      DynamoDbAsyncClient.builder()
          .endpointOverride(run.dynamoDbEndpoint())
          .region(Region.US_EAST_1)
          .credentialsProvider(
              StaticCredentialsProvider.create(AwsBasicCredentials.create("local", "local")))
          .httpClient(AwsCrtAsyncHttpClient.create())
          .overrideConfiguration(override -> override.addExecutionInterceptor(new Counter()))
          .build();
  private final Items items =
      new Items(
          new DynamoItems(
              new DynamoDb(
                  client,
                  new Shards(
                      Optional.of(new Shards.Read(SHARDS)), Optional.of(new Shards.Write(SHARDS))),
                  new Contention(),
                  RETRIES,
                  Clock.systemUTC()),
              run.tableName("Items"),
              Optional.empty()),
          RETRIES,
          Clock.systemUTC());

  private final class Counter implements ExecutionInterceptor {
    @Override
    public void afterExecution(Context.AfterExecution context, ExecutionAttributes attributes) {
      if (context.response() instanceof QueryResponse query) {
        rowsRead.addAndGet(query.scannedCount());
      }
    }
  }

  @BeforeAll
  void insert() {
    ItemContent content = named("Lamp");
    for (int i = 0; i < ITEMS; i++) {
      items.create(content, Optional.empty(), soon()).join();
    }
  }

  @AfterAll
  void close() {
    client.close();
    run.close();
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 7, 20, 100})
  void aPageReadsAtMostTwiceItsRowsAndOneAShard(int limit) {
    List<Item> all = new ArrayList<>();
    Optional<Position> after = Optional.empty();
    do {
      rowsRead.set(0);
      Page<Item> page = items.list(new PageRequest(limit, after), soon()).join();
      assertThat(rowsRead).hasValueBetween(page.rows().size(), 2 * limit + SHARDS);
      all.addAll(page.rows());
      after = page.next();
    } while (after.isPresent());

    assertThat(all).extracting(Item::id).doesNotHaveDuplicates().hasSize(ITEMS);
  }

  @Test
  void theLastPageSaysSoEvenWhenItIsFull() {
    Page<Item> first = items.list(PageRequest.first(100), soon()).join();
    Page<Item> second = items.list(new PageRequest(100, first.next()), soon()).join();

    assertThat(first.next()).isPresent();
    assertThat(second.rows()).hasSize(100);
    assertThat(second.next()).isEmpty();
  }

  private static Deadline soon() {
    return Deadline.after(Duration.ofSeconds(10));
  }
}

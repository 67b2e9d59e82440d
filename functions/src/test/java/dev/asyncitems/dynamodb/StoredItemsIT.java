package dev.asyncitems.dynamodb;

import static dev.asyncitems.item.TestItems.DESK;
import static dev.asyncitems.item.TestItems.LAMP;
import static dev.asyncitems.item.TestItems.named;
import static org.assertj.core.api.Assertions.assertThat;

import dev.asyncitems.call.Deadline;
import dev.asyncitems.call.Pause;
import dev.asyncitems.call.Retries;
import dev.asyncitems.item.Item;
import dev.asyncitems.item.ItemContent;
import dev.asyncitems.item.Items;
import dev.asyncitems.item.VersionMatch;
import dev.asyncitems.local.LocalRun;
import dev.asyncitems.metric.Contention;
import dev.asyncitems.paging.PageRequest;
import dev.asyncitems.system.Backend;
import dev.asyncitems.system.Lane;
import java.time.Clock;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.http.crt.AwsCrtAsyncHttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.dynamodb.DynamoDbAsyncClient;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;

/** Every member of an item is stored, and an update changes no other attribute of its row. */
@TestInstance(Lifecycle.PER_CLASS)
final class StoredItemsIT {
  private static final Retries RETRIES = new Retries(Random::new, Pause.REAL);
  private static final Shards SHARDS =
      new Shards(Optional.of(new Shards.Read(8)), Optional.of(new Shards.Write(4)));

  private final LocalRun run = Lane.run().withoutFront().withoutPollers().start();
  private final Backend backend = new Backend(run);
  private final DynamoDbAsyncClient client =
      DynamoDbAsyncClient.builder()
          .endpointOverride(run.dynamoDbEndpoint())
          .region(Region.US_EAST_1)
          .credentialsProvider(
              StaticCredentialsProvider.create(AwsBasicCredentials.create("local", "local")))
          .httpClient(AwsCrtAsyncHttpClient.create())
          .build();
  private final Items items = items(SHARDS);

  private Items items(Shards shards) {
    return new Items(
        new DynamoItems(
            new DynamoDb(client, shards, new Contention(), RETRIES, Clock.systemUTC()),
            run.tableName("Items"),
            Optional.empty()),
        RETRIES,
        Clock.systemUTC());
  }

  @AfterAll
  void close() {
    backend.close();
    client.close();
    run.close();
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("dev.asyncitems.item.TestItems#changes")
  void aMemberIsStoredWhenItsItemIsCreatedAndReplaced(String member, ItemContent changed) {
    Item created = create(changed);
    assertThat(created.content()).isEqualTo(changed);
    assertStored(created);

    Item item = create(LAMP);
    assertStored(replace(item, changed));
    assertStored(replace(item, LAMP));
    assertStored(replace(item, named("least")));
  }

  private void assertStored(Item item) {
    assertThat(items.get(item.id(), soon()).join()).isEqualTo(item);
    assertThat(items.list(PageRequest.first(1), soon()).join().rows()).containsExactly(item);
  }

  @Test
  void anUpdateLeavesTheShardAndTheAttributesOfALaterRelease() {
    Item item = create(LAMP);
    Map<String, AttributeValue> row = new HashMap<>(row(item));
    row.put("shard", AttributeValue.fromN("7"));
    row.put("unknown", AttributeValue.fromS("red"));
    row.put("next", AttributeValue.fromS("a name that the update's condition uses"));
    backend.put("Items", List.of(row));

    Item next = replace(item, DESK);

    assertThat(row(next)).containsOnlyKeys(row.keySet());
    for (String attribute : List.of("id", "shard", "createdAt", "unknown", "next")) {
      assertThat(row(next).get(attribute)).as(attribute).isEqualTo(row.get(attribute));
    }
  }

  @Test
  void newRowsGetTheShardsThatAreWritten() {
    for (int i = 0; i < 20; i++) {
      Item item = create(LAMP);
      assertThat(Backend.text(row(item), "shard"))
          .isEqualTo(String.valueOf(SHARDS.of(item.id())))
          .isIn("0", "1", "2", "3");
    }
  }

  private Item create(ItemContent content) {
    return items.create(content, Optional.empty(), soon()).join().item();
  }

  private Item replace(Item item, ItemContent content) {
    // ReplaceItem knows no shards.
    Items updating = items(new Shards(Optional.empty(), Optional.empty()));
    return updating.replace(item.id(), content, new VersionMatch.Any(), soon()).join();
  }

  private Map<String, AttributeValue> row(Item item) {
    return backend.rows("Items").stream()
        .filter(row -> Backend.text(row, "id").equals(item.id().toString()))
        .findFirst()
        .orElseThrow();
  }

  private static Deadline soon() {
    return Deadline.after(Duration.ofSeconds(10));
  }
}

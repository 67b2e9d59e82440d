package spring;

import java.math.BigDecimal;
import java.util.Map;
import java.util.Optional;
import software.amazon.awssdk.services.dynamodb.DynamoDbClient;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;

public class ItemRepository {
  private final DynamoDbClient dynamoDb;
  private final String table;

  public ItemRepository(DynamoDbClient dynamoDb, String table) {
    this.dynamoDb = dynamoDb;
    this.table = table;
  }

  public Optional<Item> findById(String id) {
    Map<String, AttributeValue> key = Map.of("id", AttributeValue.fromS(id));
    var response =
        dynamoDb.getItem(request -> request.tableName(table).key(key).consistentRead(true));
    return response.hasItem() ? Optional.of(item(response.item())) : Optional.empty();
  }

  private static Item item(Map<String, AttributeValue> row) {
    return new Item(
        row.get("id").s(),
        row.get("name").s(),
        row.containsKey("description") ? row.get("description").s() : null,
        new BigDecimal(row.get("price").n()),
        row.get("tags").l().stream().map(AttributeValue::s).toList(),
        row.get("createdAt").s(),
        row.get("updatedAt").s(),
        Long.parseLong(row.get("version").n()));
  }
}

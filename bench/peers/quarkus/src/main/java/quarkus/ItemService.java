package quarkus;

import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.math.BigDecimal;
import java.util.Map;
import java.util.Optional;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import software.amazon.awssdk.services.dynamodb.DynamoDbClient;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;

@ApplicationScoped
public class ItemService {
  @Inject DynamoDbClient dynamoDb;

  @ConfigProperty(name = "items.table")
  String table;

  public Optional<Item> get(String id) {
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

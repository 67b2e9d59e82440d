package tutorial;

import com.amazonaws.services.lambda.runtime.Context;
import com.amazonaws.services.lambda.runtime.RequestHandler;
import com.amazonaws.services.lambda.runtime.events.APIGatewayV2HTTPEvent;
import com.amazonaws.services.lambda.runtime.events.APIGatewayV2HTTPResponse;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.net.URI;
import java.util.Map;
import software.amazon.awssdk.enhanced.dynamodb.DynamoDbEnhancedClient;
import software.amazon.awssdk.enhanced.dynamodb.DynamoDbTable;
import software.amazon.awssdk.enhanced.dynamodb.Key;
import software.amazon.awssdk.enhanced.dynamodb.TableSchema;
import software.amazon.awssdk.services.dynamodb.DynamoDbClient;

public class GetItem implements RequestHandler<APIGatewayV2HTTPEvent, APIGatewayV2HTTPResponse> {
  private final ObjectMapper mapper = new ObjectMapper();
  private final DynamoDbTable<Item> table;

  public GetItem() {
    DynamoDbClient client =
        DynamoDbClient.builder()
            .endpointOverride(URI.create(System.getenv("ENDPOINT_URL_DYNAMODB")))
            .build();
    table =
        DynamoDbEnhancedClient.builder()
            .dynamoDbClient(client)
            .build()
            .table(System.getenv("ITEMS_TABLE"), TableSchema.fromBean(Item.class));
  }

  @Override
  public APIGatewayV2HTTPResponse handleRequest(APIGatewayV2HTTPEvent event, Context context) {
    try {
      Item item =
          table.getItem(request ->
              request
                  .key(Key.builder().partitionValue(event.getPathParameters().get("id")).build())
                  .consistentRead(true));
      if (item == null) {
        return response(404, Map.of("message", "no such item"));
      }
      context.getLogger().log("found item " + item.getId());
      return response(200, item);
    } catch (JsonProcessingException e) {
      throw new RuntimeException(e);
    }
  }

  private APIGatewayV2HTTPResponse response(int status, Object body)
      throws JsonProcessingException {
    return APIGatewayV2HTTPResponse.builder()
        .withStatusCode(status)
        .withHeaders(Map.of("Content-Type", "application/json"))
        .withBody(mapper.writeValueAsString(body))
        .build();
  }
}

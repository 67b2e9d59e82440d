package spring;

import com.amazonaws.services.lambda.runtime.events.APIGatewayV2HTTPEvent;
import com.amazonaws.services.lambda.runtime.events.APIGatewayV2HTTPResponse;
import java.util.Map;
import java.util.function.Function;
import tools.jackson.databind.json.JsonMapper;

public class GetItem implements Function<APIGatewayV2HTTPEvent, APIGatewayV2HTTPResponse> {
  private static final String JSON = "application/json";

  private final JsonMapper mapper = JsonMapper.builder().build();
  private final ItemRepository items;

  public GetItem(ItemRepository items) {
    this.items = items;
  }

  @Override
  public APIGatewayV2HTTPResponse apply(APIGatewayV2HTTPEvent event) {
    var item = items.findById(event.getPathParameters().get("id"));
    if (item.isEmpty()) {
      return response(404, Map.of("Content-Type", JSON), Map.of("message", "no such item"));
    }
    var tag = "\"" + item.get().version() + "\"";
    return response(200, Map.of("Content-Type", JSON, "ETag", tag), item.get());
  }

  private APIGatewayV2HTTPResponse response(int status, Map<String, String> headers, Object body) {
    return APIGatewayV2HTTPResponse.builder()
        .withStatusCode(status)
        .withHeaders(headers)
        .withBody(mapper.writeValueAsString(body))
        .build();
  }
}

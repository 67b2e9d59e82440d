package spring;

import com.amazonaws.services.lambda.runtime.events.APIGatewayV2HTTPEvent;
import com.amazonaws.services.lambda.runtime.events.APIGatewayV2HTTPResponse;
import java.net.URI;
import org.springframework.boot.SpringBootConfiguration;
import org.springframework.cloud.function.context.FunctionRegistration;
import org.springframework.cloud.function.context.FunctionalSpringApplication;
import org.springframework.cloud.function.context.catalog.FunctionTypeUtils;
import org.springframework.context.ApplicationContextInitializer;
import org.springframework.context.support.GenericApplicationContext;
import software.amazon.awssdk.services.dynamodb.DynamoDbClient;

/** Beans registered by functions, as the framework's guide wants it for short cold starts. */
@SpringBootConfiguration
public class ItemsApplication implements ApplicationContextInitializer<GenericApplicationContext> {
  public static void main(String[] args) {
    FunctionalSpringApplication.run(ItemsApplication.class, args);
  }

  @Override
  public void initialize(GenericApplicationContext context) {
    var environment = context.getEnvironment();
    context.registerBean(
        DynamoDbClient.class,
        () ->
            DynamoDbClient.builder()
                .endpointOverride(
                    environment.getRequiredProperty("ENDPOINT_URL_DYNAMODB", URI.class))
                .build());
    context.registerBean(
        ItemRepository.class,
        () ->
            new ItemRepository(
                context.getBean(DynamoDbClient.class),
                environment.getRequiredProperty("ITEMS_TABLE")));
    context.registerBean(
        "getItem",
        FunctionRegistration.class,
        () ->
            new FunctionRegistration<>(new GetItem(context.getBean(ItemRepository.class)))
                .type(
                    FunctionTypeUtils.functionType(
                        APIGatewayV2HTTPEvent.class, APIGatewayV2HTTPResponse.class)));
  }
}

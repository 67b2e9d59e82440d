package dev.asyncitems.local.handlers;

import com.amazonaws.services.lambda.runtime.Context;
import com.amazonaws.services.lambda.runtime.RequestStreamHandler;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.Map;
import software.amazon.awssdk.services.dynamodb.DynamoDbClient;
import software.amazon.awssdk.services.sqs.SqsClient;

/**
 * A handler that calls the engines with unconfigured SDK clients. It returns the result and the
 * environment variables that could have configured the clients.
 */
public final class OwnClients implements RequestStreamHandler {

  private static final JsonMapper JSON = new JsonMapper();

  @Override
  public void handleRequest(InputStream input, OutputStream output, Context context)
      throws IOException {
    ObjectNode body = JSON.createObjectNode();
    try (DynamoDbClient dynamoDb = DynamoDbClient.create();
        SqsClient sqs = SqsClient.create()) {
      body.set("tables", JSON.valueToTree(dynamoDb.listTables().tableNames()));
      body.put("queues", sqs.listQueues().queueUrls().size());
    }
    Map<String, String> environment = System.getenv();
    body.set(
        "variables",
        JSON.valueToTree(
            environment.keySet().stream().filter(name -> name.startsWith("AWS_")).toList()));
    ObjectNode reply = JSON.createObjectNode();
    reply.put("statusCode", 200);
    reply.put("body", body.toString());
    JSON.writeValue(output, reply);
  }
}

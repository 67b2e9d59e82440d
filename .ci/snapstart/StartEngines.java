import dev.asyncitems.local.engine.Engines;
import dev.asyncitems.local.http.Guard;
import dev.asyncitems.local.template.Function;
import dev.asyncitems.local.template.Surroundings;
import dev.asyncitems.local.template.Template;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;

/**
 * Starts DynamoDB and SQS with the template's tables and queues. Prints their addresses and each
 * function's variables, and serves until its standard input ends.
 */
void main(String[] args) throws IOException {
  Path file = Path.of(args[0]);
  Surroundings surroundings = Surroundings.DEFAULT.withParameters(Map.of("Access", "open"));
  try (Engines engines =
      Engines.embedded("127.0.0.1", 0, 0, null, surroundings, Guard.local(Set.of(), false))) {
    URI sqs = engines.sqsEndpoint();
    String queues = Engines.queueUrlPrefix(sqs, surroundings.account());
    Template template = Template.read(file, surroundings.withQueueUrlPrefix(queues));
    engines.startDynamoDb(template);
    engines.startSqs(template);
    print("engines", "DynamoDB", engines.dynamoDbEndpoint());
    print("engines", "SQS", sqs);
    for (Function function : template.functions()) {
      function.environment().forEach((name, value) -> print(function.id(), name, value));
    }
    IO.println("ready");
    while (System.in.read() >= 0) {}
  }
}

void print(String owner, String name, Object value) {
  IO.println(owner + "\t" + name + "\t" + value);
}

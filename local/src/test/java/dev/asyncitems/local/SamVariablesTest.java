package dev.asyncitems.local;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.asyncitems.local.engine.Engines;
import dev.asyncitems.local.template.Surroundings;
import dev.asyncitems.local.template.Template;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class SamVariablesTest {
  private static final String TEMPLATE =
      """
      Resources:
        Rows:
          Type: AWS::DynamoDB::Table
          Properties:
            BillingMode: PAY_PER_REQUEST
            AttributeDefinitions: [{AttributeName: id, AttributeType: S}]
            KeySchema: [{AttributeName: id, KeyType: HASH}]
        Messages: {Type: AWS::SQS::Queue}
        Consumer:
          Type: AWS::Serverless::Function
          Properties:
            Handler: example.Consumer
            Environment:
              Variables: {TABLE: !Ref Rows, QUEUE_URL: !Ref Messages, ENDPOINT: "", COUNT: "8"}
      """;

  @TempDir private Path folder;

  @Test
  void eachFunctionIsToldTheNamesOfItsTablesAndTheUrlsOfItsQueues() throws IOException {
    Path template = Files.writeString(folder.resolve("template.yaml"), TEMPLATE);

    write(template);

    assertThat(
            new ObjectMapper()
                .readTree(folder.resolve("target").resolve("sam-local-env.json").toFile())
                .toString())
        .isEqualTo(
            "{\"Consumer\":{\"TABLE\":\"local-Rows\",\"QUEUE_URL\":"
                + "\"http://host.docker.internal:9324/000000000000/local-Messages\","
                + "\"COUNT\":\"8\"}}");
  }

  private static void write(Path template) {
    URI sqs = URI.create("http://127.0.0.1:9324");
    Surroundings bare = Surroundings.DEFAULT;
    Surroundings run =
        new Surroundings(
            bare.stackName(),
            bare.region(),
            bare.account(),
            Engines.queueUrlPrefix(sqs, bare.account()),
            bare.parameters());
    SamVariables.write(template, Template.read(template, run).functions(), sqs);
  }

  @Test
  void aFileThatCannotBeWrittenIsNamed() throws IOException {
    Path template = Files.writeString(folder.resolve("template.yaml"), TEMPLATE);
    Files.writeString(folder.resolve("target"), "a file in the folder's place");

    assertThatExceptionOfType(LocalRunException.class)
        .isThrownBy(() -> write(template))
        .withMessageContaining("sam-local-env.json");
  }
}

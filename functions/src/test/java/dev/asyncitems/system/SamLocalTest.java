package dev.asyncitems.system;

import static org.assertj.core.api.Assertions.assertThat;

import dev.asyncitems.local.template.Surroundings;
import dev.asyncitems.local.template.Template;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** The settings for {@code sam local} match the local run. */
final class SamLocalTest {
  private static final Path TEMPLATE = ProjectTemplate.FILE;
  private static final String HOST = "http://host.docker.internal:";

  @Test
  void itsVariablesAreTheNamesAndAddressesOfTheLocalRun() throws IOException {
    Surroundings run = Surroundings.DEFAULT;
    Surroundings seenFromAContainer =
        new Surroundings(
            run.stackName(),
            run.region(),
            run.account(),
            HOST + "9324/" + run.account() + "/",
            Map.of(
                "Access",
                "open",
                "DynamoDbEndpointUrl",
                HOST + "8000",
                "SqsEndpointUrl",
                HOST + "9324"));
    Map<String, String> expected = new TreeMap<>();
    Template.read(TEMPLATE, seenFromAContainer)
        .functions()
        .forEach(function -> expected.putAll(function.environment()));
    // SAM itself reads the numbers and the JVM options from the template.
    expected.values().removeIf(value -> value.matches("\\d+|-XX:.*"));

    Map<String, String> told = new TreeMap<>();
    Api.JSON
        .readTree(Files.readString(TEMPLATE.resolveSibling("sam-local-env.json")))
        .required("Parameters")
        .properties()
        .forEach(variable -> told.put(variable.getKey(), variable.getValue().asString()));

    assertThat(told).isEqualTo(expected);
  }

  @Test
  void theReadmeStartsTheLocalRunThere() throws IOException {
    assertThat(Files.readString(TEMPLATE.resolveSibling("README.md")))
        .contains("--engine-host 0.0.0.0 --dynamodb-port 8000 --sqs-port 9324");
  }
}

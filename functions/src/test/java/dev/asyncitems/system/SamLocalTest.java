package dev.asyncitems.system;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import org.junit.jupiter.api.Test;

/** The settings for {@code sam local} match the local run. */
final class SamLocalTest {
  @Test
  void theGuideStartsTheLocalRunWhereTheSamCliExpectsIt() throws IOException {
    assertThat(
            Files.readString(ProjectTemplate.FILE.resolveSibling("docs/deployment-without-aws.md")))
        .contains("--engine-host 0.0.0.0 --dynamodb-port 8000 --sqs-port 9324");
    assertThat(Files.readString(ProjectTemplate.FILE.resolveSibling("samconfig.toml")))
        .contains("DynamoDbEndpointUrl=http://host.docker.internal:8000")
        .contains("SqsEndpointUrl=http://host.docker.internal:9324")
        .contains("parameter_overrides = \"Access=open ")
        .contains("env_vars = \"target/sam-local-env.json\"");
  }
}

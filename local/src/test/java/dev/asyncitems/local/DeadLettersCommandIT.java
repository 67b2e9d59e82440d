package dev.asyncitems.local;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DeadLettersCommandIT {

  private static final String TEMPLATE =
      """
      Resources:
        Consumer:
          Type: AWS::Serverless::Function
          Properties:
            Handler: dev.asyncitems.local.handlers.Worker
            Environment:
              Variables:
                JOBS_TABLE: jobs-table
                JOBS_DEAD_LETTER_QUEUE_URL: !Ref DeadJobs
                OTHER_TABLE: other-table
            Events:
              Jobs: {Type: SQS, Properties: {Queue: !GetAtt Jobs.Arn}}
        Jobs: {Type: AWS::SQS::Queue}
        DeadJobs: {Type: AWS::SQS::Queue}
      """;

  @TempDir Path folder;

  @Test
  void namesThePlacesOfTheRun() throws Exception {
    Path template = Files.writeString(folder.resolve("template.yaml"), TEMPLATE);
    try (LocalRun run = LocalRun.of(template).withoutFront().withoutPollers().start()) {
      assertThat(DeadLettersCommand.lines(run, template)).as("of another project").isEmpty();

      Path jar = folder.resolve("deadletters/target/dead-letters.jar");
      Files.createDirectories(jar.resolveSibling(""));
      assertThat(DeadLettersCommand.lines(run, template))
          .containsExactly(
              "",
              "Failed tasks (first build it: mvn -q package -DskipTests)",
              "  java -Daws.accessKeyId=local -Daws.secretAccessKey=local -jar "
                  + jar
                  + " list --region us-east-1 --queue-url "
                  + run.queueUrl("DeadJobs")
                  + " --table jobs-table --endpoint-url "
                  + run.sqsEndpoint()
                  + " --dynamodb-endpoint-url "
                  + run.dynamoDbEndpoint());
      Path odd = Files.createDirectories(folder.resolve("it's $HOME/deadletters"));
      assertThat(DeadLettersCommand.lines(run, odd.resolveSibling("template.yaml")).getLast())
          .contains(
              " -jar '" + folder + "/it'\\''s $HOME/deadletters/target/dead-letters.jar' list");
      Files.createFile(jar);
      assertThat(DeadLettersCommand.lines(run, template)).contains("Failed tasks");
    }
  }
}

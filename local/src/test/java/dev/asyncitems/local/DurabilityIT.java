package dev.asyncitems.local;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URI;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentSkipListSet;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.services.dynamodb.DynamoDbClient;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;
import software.amazon.awssdk.services.sqs.SqsClient;
import software.amazon.awssdk.services.sqs.model.Message;

class DurabilityIT {

  private static final Path SMALL = Path.of("src/test/resources/small.yaml");
  private static final int ACKNOWLEDGED = 150;

  @TempDir Path folder;

  @Test
  void acknowledgedWritesSurviveAKill() throws Exception {
    Set<String> rows = new ConcurrentSkipListSet<>();
    Set<String> messages = new ConcurrentSkipListSet<>();
    Set<String> deleted = new ConcurrentSkipListSet<>();
    try (ChildProcess child =
        ChildProcess.start(SMALL.toString(), "--port", "0", "--data", folder.toString())) {
      URI dynamoDbEndpoint = endpoint(child.waitFor("DynamoDB  http"));
      URI sqsEndpoint = endpoint(child.waitFor("SQS       http"));
      String url = sqsEndpoint + "/000000000000/local-dead";
      CountDownLatch enough = new CountDownLatch(2 * ACKNOWLEDGED);
      Thread writing = Thread.ofVirtual().start(() -> write(dynamoDbEndpoint, rows, enough));
      Thread sending =
          Thread.ofVirtual().start(() -> send(sqsEndpoint, url, messages, deleted, enough));
      enough.await();
      child.kill();
      writing.join();
      sending.join();
    }
    try (LocalRun run =
            LocalRun.of(SMALL).withoutFront().withoutPollers().dataFolder(folder).start();
        DynamoDbClient dynamoDb = AwsClients.dynamoDb(run.dynamoDbEndpoint());
        SqsClient sqs = AwsClients.sqs(run.sqsEndpoint())) {
      Set<String> there = new TreeSet<>();
      dynamoDb
          .scanPaginator(r -> r.tableName(run.tableName("Things")))
          .items()
          .forEach(item -> there.add(item.getOrDefault("id", AttributeValue.fromS("-")).s()));
      assertThat(there).containsAll(rows);
      Set<String> received = new TreeSet<>();
      for (List<Message> batch = AwsClients.receive(sqs, run.queueUrl("DeadJobs"), 0);
          !batch.isEmpty();
          batch = AwsClients.receive(sqs, run.queueUrl("DeadJobs"), 0)) {
        batch.forEach(message -> received.add(message.body()));
      }
      assertThat(received).containsAll(messages).doesNotContainAnyElementsOf(deleted);
    }
  }

  private static URI endpoint(String line) {
    return URI.create(line.replaceAll(".*(http:[^ ]+).*", "$1"));
  }

  private static void write(URI endpoint, Set<String> rows, CountDownLatch enough) {
    try (DynamoDbClient dynamoDb = AwsClients.dynamoDb(endpoint)) {
      for (int i = 0; ; i++) {
        String id = "row" + i;
        dynamoDb.putItem(
            r -> r.tableName("local-Things").item(Map.of("id", AttributeValue.fromS(id))));
        rows.add(id);
        enough.countDown();
      }
    } catch (SdkException killed) {
      assertThat(rows).isNotEmpty();
    }
  }

  /** Sends messages, and receives and deletes the first few. */
  private static void send(
      URI endpoint, String url, Set<String> kept, Set<String> deleted, CountDownLatch enough) {
    try (SqsClient sqs = AwsClients.sqs(endpoint)) {
      AwsClients.send(sqs, url, "gone1", "gone2");
      List<Message> first = new ArrayList<>(AwsClients.receive(sqs, url, 1));
      for (Message message : first) {
        sqs.deleteMessage(r -> r.queueUrl(url).receiptHandle(message.receiptHandle()));
        deleted.add(message.body());
      }
      for (int i = 0; ; i++) {
        String body = "message" + i;
        AwsClients.send(sqs, url, body);
        kept.add(body);
        enough.countDown();
      }
    } catch (SdkException killed) {
      assertThat(kept).isNotEmpty();
    }
  }
}

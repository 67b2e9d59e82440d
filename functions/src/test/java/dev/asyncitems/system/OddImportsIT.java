package dev.asyncitems.system;

import static org.assertj.core.api.Assertions.assertThat;
import static software.amazon.awssdk.services.dynamodb.model.AttributeValue.fromL;
import static software.amazon.awssdk.services.dynamodb.model.AttributeValue.fromM;
import static software.amazon.awssdk.services.dynamodb.model.AttributeValue.fromN;
import static software.amazon.awssdk.services.dynamodb.model.AttributeValue.fromS;

import dev.asyncitems.local.LocalRun;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;
import tools.jackson.databind.JsonNode;

/** Rows of imports as another program might have changed them, and rows that have expired. */
@TestInstance(Lifecycle.PER_CLASS)
final class OddImportsIT {
  private static final String FILE = "[{\"name\": \"a\", \"price\": 1}, {}]";

  private final TestClock clock = new TestClock();
  private final LocalRun run = Lane.run().clock(clock).withoutPollers().start();
  private final Backend backend = new Backend(run);
  private final Api api = new Api(run.uri());

  @AfterAll
  void close() {
    backend.close();
    run.close();
  }

  private String create() throws Exception {
    return api.send("POST", "/imports", FILE).text("id");
  }

  private static String chunk(String id) {
    return id.replaceFirst("-7000-", "-7001-");
  }

  private Map<String, AttributeValue> row(String id) {
    return backend.rows("Imports").stream()
        .filter(row -> Backend.text(row, "id").equals(id))
        .findFirst()
        .orElseThrow();
  }

  private void change(String id, Map<String, AttributeValue> odd) {
    Map<String, AttributeValue> changed = new HashMap<>(row(id));
    changed.putAll(odd);
    backend.put("Imports", List.of(changed));
  }

  /** Delivers the chunk's message. Returns whether the consumer is done with it. */
  private boolean deliver(String id) {
    byte[] batch = Backend.batch(List.of(Backend.message(chunk(id))));
    return Backend.failures(run.invoke("ImportItems", batch)).isEmpty();
  }

  private JsonNode read(String id) throws Exception {
    return api.get("/imports/" + id).json();
  }

  static List<Arguments> odd() {
    return List.of(
        Arguments.of("attempts", fromS("many")),
        Arguments.of("attempts", fromN("-7")),
        Arguments.of("attemptsUsed", fromS("many")),
        Arguments.of("status", fromS("scheduled")),
        Arguments.of("first", fromS("one")),
        Arguments.of("created", fromS("none")),
        Arguments.of("faults", fromS("none")),
        Arguments.of("faults", fromL(List.of(fromS("none"), fromN("1")))),
        Arguments.of("faults", fromL(List.of(fromM(Map.of()), fromM(Map.of("a", fromN("1")))))),
        Arguments.of("expiresAt", fromS("never")),
        Arguments.of("another", fromS("attribute")));
  }

  @ParameterizedTest
  @MethodSource("odd")
  void anOddChunkIsReadAndImportedOnce(String name, AttributeValue value) throws Exception {
    String id = create();
    change(chunk(id), Map.of(name, value));
    assertThat(read(id).required("status").asString()).isIn("queued", "running");

    assertThat(deliver(id)).isTrue();
    assertThat(deliver(id)).isTrue();

    JsonNode done = read(id);
    assertThat(done.required("status").asString()).isEqualTo("done");
    assertThat(done.required("created").asInt()).isEqualTo(1);
    assertThat(done.required("failures")).hasSize(1);
  }

  @Test
  void aChunkThatLostItsLinesIsNotDone() throws Exception {
    String id = create();
    change(chunk(id), Map.of("lines", fromS("none")));
    assertThat(deliver(id)).isFalse();
    assertThat(read(id).required("status").asString()).isEqualTo("running");
  }

  @Test
  @Needs(Capability.TRACE_HEADERS)
  void theMessageOfAChunkHasTheTraceContextOfItsRequest() throws Exception {
    backend.purge("ImportQueue");
    Api.Answer accepted = api.send("POST", "/imports", FILE);
    assertThat(backend.take("ImportQueue", 1))
        .singleElement()
        .satisfies(message -> {
          assertThat(message.body()).contains(chunk(accepted.text("id")));
          assertThat(message.messageAttributes())
              .hasEntrySatisfying(
                  "requestId",
                  id -> assertThat(id.stringValue()).isEqualTo(accepted.header("apigw-requestid")));
          assertThat(message.attributesAsStrings()).containsKey("AWSTraceHeader");
        });
  }

  @Test
  void aRowThatIsNoChunkIsDeadLettered() throws Exception {
    String id = create();
    change(chunk(id), Map.of("number", fromS("one")));
    backend.purge("ImportDeadLetterQueue");
    assertThat(deliver(id)).isTrue();
    assertThat(backend.take("ImportDeadLetterQueue", 1))
        .extracting(Backend::reason)
        .containsExactly("no row has the message's id");
  }

  @Test
  void anImportWithoutATotalIsNoImport() throws Exception {
    String id = create();
    change(id, Map.of("total", fromS("two")));
    assertThat(api.get("/imports/" + id).status()).isEqualTo(404);
    assertThat(api.get("/imports?limit=100").text()).doesNotContain(id);
  }

  @Test
  void anExpiredImportIsGoneAlthoughItsRowsAreNot() throws Exception {
    String id = create();
    assertThat(row(id).get("expiresAt")).isEqualTo(row(chunk(id)).get("expiresAt"));
    clock.advance(Duration.ofDays(30).minusSeconds(2));
    assertThat(api.get("/imports/" + id).status()).isEqualTo(200);
    clock.advance(Duration.ofSeconds(3));
    assertThat(api.get("/imports/" + id).status()).isEqualTo(404);
    assertThat(api.get("/imports?limit=100").text()).doesNotContain(id);
    assertThat(row(id)).isNotEmpty();
  }
}

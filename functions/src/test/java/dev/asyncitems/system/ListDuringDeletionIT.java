package dev.asyncitems.system;

import static org.assertj.core.api.Assertions.assertThat;

import dev.asyncitems.local.LocalRun;
import dev.asyncitems.system.Api.Answer;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;

/**
 * A list finds ids in an index and then reads their rows. A row that somebody deletes between the
 * two is left out, and the other rows stay in their places.
 */
@TestInstance(Lifecycle.PER_CLASS)
final class ListDuringDeletionIT {
  private final FaultProxy dynamoDb;
  private final LocalRun run;
  private final Backend backend;
  private final Api api;

  ListDuringDeletionIT() throws Exception {
    dynamoDb = FaultProxy.open();
    run =
        Lane.run()
            .withoutPollers()
            .environment(
                "ListNotifications", Map.of("AWS_ENDPOINT_URL_DYNAMODB", dynamoDb.uri().toString()))
            .start();
    dynamoDb.target(run.dynamoDbEndpoint());
    backend = new Backend(run);
    api = new Api(run.uri());
  }

  @BeforeEach
  void empty() {
    dynamoDb.heal();
    backend.deleteRows();
  }

  @AfterAll
  void close() {
    backend.close();
    run.close();
    dynamoDb.close();
  }

  /** The deleted row is the last of the first page, which the cursor names. */
  @ParameterizedTest
  @CsvSource({"'', by a client", "'', by its expiry", "logged, by a client", "queued, by a client"})
  void leavesOutWhatIsDeletedMeanwhile(String status, String deletion) throws Exception {
    List<String> ids = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      ids.add(api.send("POST", "/notifications", "{\"message\":\"m\"}").text("id"));
    }
    if (status.equals("logged")) {
      backend.consume(ids.stream().map(Backend::message).toList());
    }
    ids.sort(Comparator.reverseOrder());
    String list = "/notifications?limit=2" + (status.isEmpty() ? "" : "&status=" + status);
    dynamoDb.next(
        "BatchGetItem",
        (call, engine) -> {
          if (deletion.equals("by a client")) {
            assertThat(api.send("DELETE", "/notifications/" + ids.get(1), "").status())
                .isEqualTo(204);
          } else {
            backend.deleteRows("Notifications", List.of(ids.get(1)));
          }
          return Optional.of(engine.call());
        });

    Answer first = api.get(list);
    Answer second = api.get(list + "&cursor=" + first.text("nextCursor"));

    assertThat(ids(first)).containsExactly(ids.get(0));
    assertThat(ids(second)).containsExactly(ids.get(2), ids.get(3));
    assertThat(second.json().has("nextCursor")).isFalse();
  }

  private static List<String> ids(Answer page) {
    List<String> ids = new ArrayList<>();
    for (JsonNode row : page.json().required("notifications")) {
      ids.add(row.required("id").asString());
    }
    return ids;
  }
}

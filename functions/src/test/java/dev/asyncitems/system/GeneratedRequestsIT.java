package dev.asyncitems.system;

import static org.assertj.core.api.Assertions.assertThat;
import static org.quicktheories.QuickTheory.qt;

import dev.asyncitems.system.Api.Answer;
import dev.asyncitems.system.Contract.Operation;
import dev.asyncitems.system.Contract.Request;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * Sends generated requests, valid and invalid. No request may cause a 5xx. {@link Api} reports
 * every answer that violates the contract. {@code -Dcontract.seed=...} repeats a run, and {@code
 * -Dcontract.requests=...} makes it longer.
 */
@ExtendWith(Running.class)
final class GeneratedRequestsIT {
  private static final Contract CONTRACT = Contract.served();
  private static final Set<Integer> OF_THE_REQUEST = Set.of(400, 405, 413, 415, 422);

  private static final Set<String> WRITES = Set.of("POST", "PUT", "PATCH");

  private final Api api;
  private final Map<Integer, Integer> statuses = new TreeMap<>();
  private int stored;

  GeneratedRequestsIT(Api api) {
    this.api = api;
  }

  @Test
  void areAnsweredAsTheContractSays() throws Exception {
    long seed = Long.getLong("contract.seed", RandomGenerator.getDefault().nextLong());
    int requests = Integer.getInteger("contract.requests", 1_000);
    System.out.printf("-Dcontract.seed=%d -Dcontract.requests=%d%n", seed, requests);
    Map<String, List<String>> rows = new TreeMap<>();
    for (Operation operation : CONTRACT.operations()) {
      if (operation.path().contains("/{id}")) {
        rows.put(operation.path(), rows(operation));
      }
    }

    qt().withFixedSeed(seed)
        .withExamples(requests)
        .withShrinkCycles(200)
        .forAll(new GeneratedRequests(CONTRACT, rows).all())
        .describedAs(request -> request + "\nrepeated by -Dcontract.seed=" + seed)
        .checkAssert(this::check);

    System.out.println("answers by status: " + statuses + ", writes read back: " + stored);
    assertThat(stored).as("writes read back").isPositive();
    assertThat(statuses.keySet())
        .as("the generator reaches all kinds of answers")
        .contains(200, 201, 202, 400, 404, 422);
  }

  /** Creates rows by the contract's example, and returns their ids. */
  private List<String> rows(Operation operation) throws Exception {
    String collection = operation.path().substring(0, operation.path().indexOf("/{id}"));
    String example = CONTRACT.exampleRequest("POST " + collection);
    List<String> ids = new ArrayList<>();
    for (int i = 0; i < 10; i++) {
      ids.add(api.send("POST", collection, example).text("id"));
    }
    return ids;
  }

  private void check(Request request) {
    Answer answer = send(request);
    statuses.merge(answer.status(), 1, Integer::sum);

    assertThat(answer.status()).as(answer.toString()).isLessThan(500);
    Optional<Operation> operation = CONTRACT.operation(request);
    boolean valid = operation.filter(one -> CONTRACT.faults(one, request).isEmpty()).isPresent();
    // A schema cannot tell whether a cursor was issued or whether a key is new.
    boolean more =
        request.query().contains("cursor=") || answer.text().contains("idempotency-key-reused");
    if (valid && !more) {
      assertThat(OF_THE_REQUEST).as("%s to %s", answer, request).doesNotContain(answer.status());
    }
    boolean readable = answer.status() == 200 || !answer.header("Location").isEmpty();
    if (answer.status() < 300 && readable && WRITES.contains(request.method())) {
      checkThatItIsStored(request, answer);
      stored++;
    }
  }

  /** Checks that a read returns the answer of the preceding write. */
  private void checkThatItIsStored(Request request, Answer answer) {
    String path = answer.status() == 200 ? request.path() : answer.header("Location");
    Answer read = send(new Request("GET", path, "", Map.of(), ""));
    if (answer.status() == 202) {
      // The background task may have changed the other members.
      for (String member : List.of("id", "message", "total", "createdAt")) {
        assertThat(read.json().path(member))
            .as("%s %s", member, request)
            .isEqualTo(answer.json().path(member));
      }
    } else {
      assertThat(read.text()).as(request.toString()).isEqualTo(answer.text());
    }
  }

  private Answer send(Request request) {
    List<String> headers = new ArrayList<>();
    request.headers().forEach((name, value) -> headers.addAll(List.of(name, value)));
    String query = request.query().isEmpty() ? "" : "?" + request.query();
    try {
      return api.send(
          request.method(), request.path() + query, request.body(), headers.toArray(String[]::new));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }
}

package dev.asyncitems.system;

import static java.util.stream.Collectors.toSet;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;
import static software.amazon.awssdk.services.dynamodb.model.AttributeValue.fromL;
import static software.amazon.awssdk.services.dynamodb.model.AttributeValue.fromM;
import static software.amazon.awssdk.services.dynamodb.model.AttributeValue.fromN;
import static software.amazon.awssdk.services.dynamodb.model.AttributeValue.fromS;

import dev.asyncitems.http.ProblemType;
import dev.asyncitems.local.LocalRun;
import dev.asyncitems.local.template.Route;
import dev.asyncitems.system.Api.Answer;
import dev.asyncitems.system.Contract.Operation;
import dev.asyncitems.system.FaultProxy.Fault;
import dev.asyncitems.value.UuidV7;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;
import tools.jackson.databind.JsonNode;

/**
 * Provokes every answer that the contract names, using the contract's examples. {@link Api} checks
 * in every test that the API gives no other answers.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class ContractIT {
  private static final Contract CONTRACT = Contract.served();
  private static final String NOTHING = "019bc0fd-0000-7000-8000-000000000000";
  private static final int TOO_LARGE = 256 * 1024 + 1;

  private final FaultProxy engines;
  private final LocalRun run;
  private final Api api;

  /** The statuses that each operation returns while an engine is ill. */
  private final Map<String, Set<Integer>> answersOfIllEngines = new TreeMap<>();

  private final Set<String> problemTypes = ConcurrentHashMap.newKeySet();

  ContractIT() throws Exception {
    engines = FaultProxy.open();
    run = Lane.run().withoutPollers().environment(engines.environment()).start();
    api = new Api(run.uri());
    engines.targets(run.dynamoDbEndpoint(), run.sqsEndpoint());
  }

  /** A request to the API. */
  private record Sent(String method, String path, String body, List<String> headers) {
    Sent(String method, String path, String body) {
      this(method, path, body, List.of());
    }

    Sent with(String name, String value) {
      return new Sent(method, path, body, List.of(name, value));
    }
  }

  @BeforeAll
  void makeTheEnginesIll() throws Exception {
    ask(Fault.answer(400, "{\"__type\":\"x#AccessDeniedException\"}"), Duration.ofSeconds(9));
    ask(Fault.UNAVAILABLE, Duration.ofSeconds(9));
    CountDownLatch never = new CountDownLatch(1);
    ask(Fault.hold(never), Duration.ofSeconds(1));
    never.countDown();
    engines.heal();
  }

  private void ask(Fault fault, Duration time) throws Exception {
    engines.heal();
    engines.always(call -> true, fault);
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      Map<String, Future<Integer>> answers = new HashMap<>();
      for (Operation operation : CONTRACT.operations()) {
        if (operation.responses().containsKey(504)) {
          answers.put(operation.key(), threads.submit(() -> invoked(operation, time)));
        }
      }
      for (var answer : answers.entrySet()) {
        answersOfIllEngines
            .computeIfAbsent(answer.getKey(), key -> new TreeSet<>())
            .add(answer.getValue().get());
      }
    }
  }

  /** Calls the function directly, with this much time left. */
  private int invoked(Operation operation, Duration time) {
    Sent sent = taken(operation, NOTHING);
    String[] target = sent.path().split("\\?", 2);
    Map<String, Object> event = new HashMap<>();
    event.put("version", "2.0");
    event.put("routeKey", operation.key());
    event.put("rawPath", target[0]);
    event.put("rawQueryString", target.length > 1 ? target[1] : "");
    event.put("headers", Map.of());
    event.put("body", sent.body());
    event.put("pathParameters", Map.of("id", NOTHING));
    event.put("requestContext", Map.of("requestId", "r", "http", Map.of("method", sent.method())));
    byte[] bytes = Api.JSON.writeValueAsBytes(event);
    String function =
        run.template().routes().stream()
            .filter(route -> route.key().equals(operation.key()))
            .map(Route::functionId)
            .findFirst()
            .orElseThrow();
    byte[] answer = run.invoke(function, bytes, time);
    CONTRACT.check(bytes, answer);
    JsonNode reply = Api.JSON.readTree(answer);
    problemTypes.add(Api.JSON.readTree(reply.required("body").asString()).path("type").asString());
    return reply.required("statusCode").asInt();
  }

  @AfterAll
  void allKindsOfProblemsWereSeen() {
    System.out.printf(
        "The contract: %d operations, %d answers of theirs and %d to what no operation is for, %d"
            + " kinds of problems%n",
        CONTRACT.operations().size(),
        answers().count(),
        answersToWhatNoOperationIsFor().count(),
        problemTypes.size());
    run.close();
    engines.close();
    assertThat(problemTypes)
        .isEqualTo(Arrays.stream(ProblemType.values()).map(ProblemType::uri).collect(toSet()));
  }

  static Stream<Arguments> answers() {
    return CONTRACT.operations().stream()
        .flatMap(operation ->
            operation.responses().entrySet().stream()
                .filter(response -> isOurs(response.getKey(), response.getValue()))
                .map(response -> arguments(operation.key(), response.getKey())));
  }

  /** Returns whether our code, not only API Gateway, can give an answer. */
  private static boolean isOurs(int status, JsonNode response) {
    return status < 400 || response.path("content").has("application/problem+json");
  }

  @Test
  void whatOnlyTheGatewayAnswersIsOneOfItsStatuses() {
    assertThat(CONTRACT.operations())
        .allSatisfy(operation -> {
          assertThat(operation.responses()).containsKeys(429, 431, 500, 503);
          operation
              .responses()
              .forEach((status, response) -> {
                if (!isOurs(status, response)) {
                  assertThat(CONTRACT.gatewayStatuses()).as(operation.key()).contains(status);
                }
              });
        });
  }

  @ParameterizedTest
  @MethodSource
  void answers(String key, int status) throws Exception {
    Operation operation =
        CONTRACT.operations().stream()
            .filter(one -> one.key().equals(key))
            .findFirst()
            .orElseThrow();
    if (status >= 500 && operation.responses().containsKey(504)) {
      assertThat(answersOfIllEngines.get(key)).contains(status);
      return;
    }
    if (status == 500) {
      return; // The pages are files, so they cannot fail.
    }
    for (Sent sent : provoking(operation, status)) {
      Answer answer = send(sent);
      assertThat(answer.status()).as(answer.toString()).isEqualTo(status);
      note(answer);
    }
  }

  @ParameterizedTest
  @MethodSource
  void answersToWhatNoOperationIsFor(int status) throws Exception {
    switch (status) {
      case 308 -> {
        Path event = Path.of(System.getProperty("events"), "unmatched-route-slash.json");
        byte[] answer = run.invoke("UnmatchedRoute", Files.readAllBytes(event));
        assertThat(Api.JSON.readTree(answer).required("statusCode").asInt()).isEqualTo(308);
      }
      case 204 -> {
        Answer answer = api.preflight("https://example.com", "/items", "content-type");
        assertThat(answer.status()).isEqualTo(204);
        assertThat(answer.header("Access-Control-Allow-Origin")).as("off by default").isEmpty();
      }
      case 404 -> note(api.get("/nothing"));
      case 405 -> note(api.send("DELETE", "/items", ""));
      default -> throw new AssertionError("how is " + status + " provoked?");
    }
  }

  static Stream<Integer> answersToWhatNoOperationIsFor() {
    return CONTRACT.unmatched().entrySet().stream()
        .filter(response -> isOurs(response.getKey(), response.getValue()))
        .map(Map.Entry::getKey);
  }

  /** {@link Api} checks that answers have no other members. */
  @Test
  void eachMemberThatAnAnswerMayHaveIsWritten() throws Exception {
    putNotifications();
    Map<String, String> more = Map.of("/imports/{id}", putImports());
    List<Operation> operations =
        CONTRACT.operations().stream()
            .sorted(Comparator.comparing(operation -> !operation.method().equals("POST")))
            .toList();
    Set<String> named = new TreeSet<>();
    Set<String> written = new TreeSet<>();
    for (Operation operation : operations) {
      Sent sent = taken(operation, more.getOrDefault(operation.path(), row(operation)));
      boolean isList =
          operation.parameters().stream()
              .anyMatch(one -> one.required("name").asString().equals("limit"));
      for (String query : isList ? List.of("", "?limit=1") : List.of("")) {
        Answer answer = send(new Sent(sent.method(), sent.path() + query, sent.body()));
        JsonNode schema =
            Objects.requireNonNull(operation.responses().get(answer.status()))
                .at("/content/application~1json/schema");
        if (!schema.isMissingNode()) {
          members(schema, null, operation.key(), named);
          members(schema, answer.json(), operation.key(), written);
        }
      }
    }
    assertThat(written).isEqualTo(named);
  }

  /** Writes notifications with states that need a poller. */
  private void putNotifications() {
    try (Backend backend = new Backend(run)) {
      for (String member : List.of("doneAt", "failure")) {
        backend.put(
            "Notifications",
            List.of(
                Map.of(
                    "id",
                    fromS(UuidV7.at(Instant.now()).toString()),
                    "shard",
                    fromN("0"),
                    "message",
                    fromS("hello"),
                    "status",
                    fromS(member.equals("failure") ? "failed" : "done"),
                    member,
                    fromS("2026-01-15T09:32:00.123Z"))));
      }
    }
  }

  /** Writes a failed import, and a done import whose id it returns. */
  private String putImports() {
    UUID done = UuidV7.at(Instant.now(), 0);
    try (Backend backend = new Backend(run)) {
      for (UUID id : List.of(UuidV7.at(Instant.now(), 0), done)) {
        AttributeValue chunk = fromS(UuidV7.withCounter(id, 1).toString());
        Map<String, AttributeValue> fault =
            Map.of("line", fromN("2"), "pointer", fromS("/name"), "detail", fromS("is required"));
        backend.put(
            "Imports",
            List.of(
                Map.of("id", fromS(id.toString()), "shard", fromN("0"), "total", fromN("2")),
                id.equals(done)
                    ? Map.of(
                        "id", chunk,
                        "number", fromN("1"),
                        "status", fromS("done"),
                        "startedAt", fromS("2026-01-15T09:32:00.123Z"),
                        "doneAt", fromS("2026-01-15T09:32:00.456Z"),
                        "created", fromN("1"),
                        "rejected", fromN("1"),
                        "faults", fromL(List.of(fromM(fault))))
                    : Map.of(
                        "id", chunk,
                        "number", fromN("1"),
                        "status", fromS("failed"),
                        "failure", fromS("the store was unavailable"))));
      }
    }
    return done.toString();
  }

  /**
   * Collects the members that a schema names, as {@code Item/name}.
   *
   * @param value a value of the schema, to collect only its members; null for all members
   */
  private static void members(
      JsonNode schema, @Nullable JsonNode value, String place, Set<String> found) {
    JsonNode resolved = CONTRACT.resolved(schema);
    String name =
        resolved.equals(schema) ? place : schema.path("$ref").asString().replaceFirst(".*/", "");
    for (var property : resolved.path("properties").properties()) {
      JsonNode member = value == null ? null : value.get(property.getKey());
      if (value == null || member != null) {
        String memberPlace = name + "/" + property.getKey();
        found.add(memberPlace);
        members(property.getValue(), member, memberPlace, found);
      }
    }
    resolved
        .optional("items")
        .ifPresent(element -> {
          if (value == null) {
            members(element, null, name, found);
          } else {
            value.forEach(one -> members(element, one, name, found));
          }
        });
    for (String parts : List.of("allOf", "oneOf")) {
      resolved.path(parts).forEach(part -> members(part, value, name, found));
    }
  }

  private void note(Answer answer) {
    if (answer.header("Content-Type").equals("application/problem+json")) {
      problemTypes.add(answer.text("type"));
    }
  }

  private Answer send(Sent sent) throws Exception {
    return api.send(sent.method(), sent.path(), sent.body(), sent.headers().toArray(String[]::new));
  }

  private List<Sent> provoking(Operation operation, int status) throws Exception {
    Sent good = taken(operation, row(operation));
    return switch (status) {
      case 200, 201, 202, 204 -> List.of(good);
      case 304 -> List.of(good.with("If-None-Match", send(good).header("ETag")));
      case 400 -> List.of(malformed(operation, good));
      case 404 -> List.of(taken(operation, NOTHING));
      case 412 -> List.of(good.with("If-Match", "\"999\""));
      case 413 -> List.of(withBody(good, "a".repeat(TOO_LARGE)));
      case 415 -> List.of(good.with("Content-Type", "text/plain"));
      case 422 -> invalid(operation, good);
      default -> throw new AssertionError("how is " + status + " provoked?");
    };
  }

  /**
   * Returns the contract's example request with this id. For {@code NOTHING}, it also names files
   * and types that do not exist.
   */
  private static Sent taken(Operation operation, String id) {
    String name = id.equals(NOTHING) ? "nothing.css" : "page.css";
    String type = id.equals(NOTHING) ? "nothing" : "not-found";
    String path =
        operation.path().replace("{id}", id).replace("{file}", name).replace("{type}", type);
    String query =
        operation.parameters().stream()
            .filter(parameter -> parameter.path("required").asBoolean())
            .filter(parameter -> parameter.required("in").asString().equals("query"))
            .map(parameter -> parameter.required("name").asString() + "=hello")
            .findFirst()
            .map(parameter -> "?" + parameter)
            .orElse("");
    String body = CONTRACT.exampleRequest(operation.key());
    return new Sent(operation.method(), path + query, body);
  }

  /** Creates what the operation's path names, by the example request, and returns its id. */
  private String row(Operation operation) throws Exception {
    int id = operation.path().indexOf("/{id}");
    if (id < 0) {
      return "";
    }
    String collection = operation.path().substring(0, id);
    String example = CONTRACT.exampleRequest("POST " + collection);
    return api.send("POST", collection, example).text("id");
  }

  private static Sent withBody(Sent sent, String body) {
    return new Sent(sent.method(), sent.path(), body, sent.headers());
  }

  private static Sent malformed(Operation operation, Sent good) {
    if (operation.requestBody().isPresent()) {
      return withBody(good, "{");
    }
    return parameter(operation, "query")
        .map(name -> new Sent(good.method(), good.path().split("\\?", 2)[0] + "?" + name + "=", ""))
        .orElseGet(() -> good.with(parameter(operation, "header").orElseThrow(), "no entity tag"));
  }

  private static Optional<String> parameter(Operation operation, String in) {
    return operation.parameters().stream()
        .filter(parameter -> parameter.required("in").asString().equals(in))
        .map(parameter -> parameter.required("name").asString())
        .findFirst();
  }

  private List<Sent> invalid(Operation operation, Sent good) throws Exception {
    List<Sent> all = new ArrayList<>();
    Sent invalid =
        operation.requestBody().isPresent()
            ? withBody(good, "{\"unknown\":\"red\"}")
            : new Sent(good.method(), operation.path() + "?message=%20", "");
    all.add(invalid);
    if (parameter(operation, "header").filter("Idempotency-Key"::equals).isPresent()) {
      String key = "contract " + operation.key();
      assertThat(send(good.with("Idempotency-Key", key)).status()).isLessThan(300);
      String otherBody = good.body().replaceFirst("(:\\s*\")", "$1Another ");
      Sent other =
          otherBody.isEmpty()
              ? new Sent(good.method(), good.path() + "!", "")
              : withBody(good, otherBody);
      all.add(other.with("Idempotency-Key", key));
    }
    return all;
  }
}

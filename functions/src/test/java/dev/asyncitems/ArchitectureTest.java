package dev.asyncitems;

import static com.tngtech.archunit.base.DescribedPredicate.describe;
import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaModifier.FINAL;
import static com.tngtech.archunit.core.domain.JavaModifier.PUBLIC;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.fields;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static java.util.stream.Collectors.toSet;
import static org.assertj.core.api.Assertions.assertThat;

import com.amazonaws.services.lambda.runtime.RequestStreamHandler;
import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaAccess;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaField;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.lang.ArchCondition;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.lang.ConditionEvents;
import com.tngtech.archunit.lang.SimpleConditionEvent;
import dev.asyncitems.outbox.BackgroundTask;
import java.nio.file.Path;
import java.time.Clock;
import java.util.Arrays;
import java.util.Date;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.BlockingDeque;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletionService;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.Exchanger;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.ForkJoinTask;
import java.util.concurrent.Future;
import java.util.concurrent.Phaser;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TransferQueue;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * Rules about dependencies between packages, about waiting, and about access to time and the
 * environment.
 */
final class ArchitectureTest {
  private static final String BASE = "dev.asyncitems.";

  /** The only class that may wait for a future. */
  private static final String WAITING = BASE + "lambda.Invocation";

  /** The packages that all packages of the domain may use. */
  private static final String[] SHARED = {
    "call", "idempotency", "paging", "rejection", "trace", "value"
  };

  /** The packages with rules of their own. All others are domains with background tasks. */
  private static final Set<String> KNOWN =
      Stream.concat(
              Arrays.stream(SHARED),
              Stream.of(
                  "item",
                  "outbox",
                  "message",
                  "json",
                  "metric",
                  "http",
                  "lambda",
                  "sdk",
                  "dynamodb",
                  "sqs",
                  "settings",
                  "snapstart",
                  "function"))
          .collect(toSet());

  private static final String[] EVERYWHERE = {
    "java..", "org.jspecify.annotations..", "com.google.errorprone.annotations.."
  };
  private static final String[] JDK_HTTP_SERVER = {"com.sun.net.httpserver.."};
  private static final String[] JACKSON = {"tools.jackson.core.."};
  private static final String[] LAMBDA = {"com.amazonaws.services.lambda.runtime.."};
  private static final String[] LAMBDA_EVENTS = {"com.amazonaws.services.lambda.runtime.events.."};
  private static final String[] CRAC = {"org.crac.."};
  private static final String[] AWS_SDK = {"software.amazon.awssdk..", "org.reactivestreams.."};

  /** The methods that block their thread until something happens elsewhere. */
  private static final Map<Class<?>, Set<String>> WAITS =
      Map.ofEntries(
          Map.entry(Future.class, Set.of("get", "join")),
          Map.entry(ForkJoinTask.class, Set.of("invoke", "invokeAll", "quietlyJoin")),
          Map.entry(Thread.class, Set.of("sleep", "join")),
          Map.entry(TimeUnit.class, Set.of("sleep", "timedJoin", "timedWait")),
          Map.entry(LockSupport.class, Set.of("park", "parkNanos", "parkUntil")),
          Map.entry(Lock.class, Set.of("lock", "lockInterruptibly", "tryLock")),
          Map.entry(
              Condition.class, Set.of("await", "awaitNanos", "awaitUntil", "awaitUninterruptibly")),
          Map.entry(CountDownLatch.class, Set.of("await")),
          Map.entry(CyclicBarrier.class, Set.of("await")),
          Map.entry(
              Phaser.class,
              Set.of("arriveAndAwaitAdvance", "awaitAdvance", "awaitAdvanceInterruptibly")),
          Map.entry(Exchanger.class, Set.of("exchange")),
          Map.entry(Semaphore.class, Set.of("acquire", "acquireUninterruptibly", "tryAcquire")),
          Map.entry(BlockingQueue.class, Set.of("put", "take", "offer", "poll")),
          Map.entry(
              BlockingDeque.class,
              Set.of("putFirst", "putLast", "takeFirst", "takeLast", "pollFirst", "pollLast")),
          Map.entry(TransferQueue.class, Set.of("transfer", "tryTransfer")),
          Map.entry(CompletionService.class, Set.of("take", "poll")),
          Map.entry(
              ExecutorService.class, Set.of("awaitTermination", "invokeAll", "invokeAny", "close")),
          Map.entry(Process.class, Set.of("waitFor")),
          Map.entry(Object.class, Set.of("wait")));

  private static final JavaClasses CLASSES =
      new ClassFileImporter().importPath(Path.of("target", "classes"));

  /** Returns the packages with the data or the effect of a kind of background task. */
  private static String[] tasks() {
    return CLASSES.stream()
        .map(ArchitectureTest::topPackage)
        .filter(name -> !KNOWN.contains(name))
        .distinct()
        .toArray(String[]::new);
  }

  @Test
  void anyOtherPackageHasTheDataOrTheEffectOfABackgroundTask() {
    Set<String> data =
        CLASSES.get(BASE + "function.TaskKind").getFields().stream()
            .map(JavaField::getType)
            .flatMap(type -> type.getAllInvolvedRawTypes().stream())
            .map(JavaClass::getFullName)
            .collect(toSet());
    for (String name : tasks()) {
      assertThat(CLASSES.stream().filter(type -> topPackage(type).equals(name)))
          .as("package %s", name)
          .anyMatch(type ->
              data.contains(type.getFullName()) || type.isAssignableTo(BackgroundTask.class));
    }
  }

  @Test
  void theseRulesNameNoPackageThatIsGone() {
    assertThat(CLASSES.stream().map(ArchitectureTest::topPackage)).containsAll(KNOWN);
  }

  @Test
  void aSharedPackageKnowsOnlyTheJdkAndItself() {
    for (String name : SHARED) {
      check(onlyDependsOn(name, EVERYWHERE, ours(name)));
    }
  }

  @Test
  void itemAndOutboxKnowOnlyTheJdkAndWhatTheDomainShares() {
    check(onlyDependsOn("item", EVERYWHERE, ours("item"), ours(SHARED)));
    check(onlyDependsOn("outbox", EVERYWHERE, ours("outbox"), ours(SHARED)));
  }

  @Test
  void aTaskKnowsTheOutboxAndItemsBesides() {
    assertThat(tasks()).contains("notification", "imports");
    for (String name : tasks()) {
      check(onlyDependsOn(name, EVERYWHERE, ours(name, "outbox", "item"), ours(SHARED)));
    }
  }

  @Test
  void messageKnowsJsonAndNoOtherDomain() {
    check(onlyDependsOn("message", EVERYWHERE, ours("message", "json", "value")));
  }

  @Test
  void jsonKnowsItsParserAlone() {
    check(onlyDependsOn("json", EVERYWHERE, JACKSON, ours("json")));
  }

  @Test
  void metricKnowsOnlyTheJdk() {
    check(onlyDependsOn("metric", EVERYWHERE, ours("metric")));
  }

  @Test
  void httpKnowsLambdaEventsAndJsonAndWhatTheDomainShares() {
    check(
        onlyDependsOn(
            "http",
            EVERYWHERE,
            LAMBDA_EVENTS,
            JACKSON,
            ours("http", "json", "metric"),
            ours(SHARED)));
  }

  @Test
  void lambdaKnowsHttpAndJsonAndTheOutboxAndNoOtherDomain() {
    check(
        onlyDependsOn(
            "lambda",
            EVERYWHERE,
            LAMBDA,
            JACKSON,
            ours("lambda", "http", "outbox", "message", "json", "metric"),
            ours("call", "rejection", "trace", "value")));
  }

  @Test
  void theSdkIsKnownToItsAdaptersAlone() {
    check(onlyDependsOn("sdk", EVERYWHERE, AWS_SDK, ours("sdk", "metric", "call")));
    check(
        onlyDependsOn(
            "dynamodb",
            EVERYWHERE,
            AWS_SDK,
            ours("dynamodb", "sdk", "metric", "item", "outbox"),
            ours(tasks()),
            ours(SHARED)));
    check(
        onlyDependsOn(
            "sqs",
            EVERYWHERE,
            AWS_SDK,
            LAMBDA_EVENTS,
            ours("sqs", "sdk", "outbox", "lambda", "message", "call", "trace")));
  }

  @Test
  void settingsKnowWhatTheClientsNeed() {
    check(onlyDependsOn("settings", EVERYWHERE, ours("settings", "sdk")));
  }

  @Test
  void primingKnowsNoFunction() {
    check(
        onlyDependsOn(
            "snapstart",
            EVERYWHERE,
            JDK_HTTP_SERVER,
            LAMBDA,
            CRAC,
            ours("snapstart", "settings", "lambda")));
  }

  @Test
  void functionsKnowNoSdkButTheClientsThatTheyWire() {
    check(
        noClasses()
            .that()
            .resideInAPackage(BASE + "function..")
            .and()
            .doNotHaveFullyQualifiedName(BASE + "function.Wiring")
            .and()
            .doNotHaveFullyQualifiedName(BASE + "function.TaskKind")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("software.amazon..", "org.reactivestreams..")
            .orShould()
            .dependOnClassesThat()
            .resideInAnyPackage(ours("dynamodb", "sqs", "sdk")));
  }

  @Test
  void aKindOfTaskKnowsItsRowsAndNoSdk() {
    check(
        noClasses()
            .that()
            .haveFullyQualifiedName(BASE + "function.TaskKind")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("software.amazon..", BASE + "sqs..", BASE + "sdk.."));
  }

  @Test
  void nothingDependsOnAFunction() {
    check(
        noClasses()
            .that()
            .resideOutsideOfPackage(BASE + "function..")
            .should()
            .dependOnClassesThat()
            .resideInAPackage(BASE + "function.."));
  }

  @Test
  void packagesMakeNoCycle() {
    check(slices().matching(BASE + "(*)..").should().beFreeOfCycles());
  }

  @Test
  void nothingWaitsButTheOneBoundedWait() {
    check(noAccess(waits().and(not(theOneBoundedWait())), "a shell alone waits, and bounded"));
    var bounded =
        CLASSES.stream()
            .flatMap(c -> c.getAccessesFromSelf().stream())
            .filter(theOneBoundedWait())
            .count();
    assertThat(bounded)
        .as("calls of CompletableFuture.get(long, TimeUnit) in %s", WAITING)
        .isEqualTo(CLASSES.contain(WAITING) ? 1 : 0);
  }

  @Test
  void noClientBlocks() {
    check(
        noClasses()
            .should()
            .dependOnClassesThat(
                resideInAPackage("software.amazon.awssdk..")
                    .and(describe("are blocking clients", ArchitectureTest::isBlockingClient)))
            .orShould()
            .dependOnClassesThat()
            .resideInAnyPackage("java.net.http..", "javax.net.ssl..")
            .orShould()
            .dependOnClassesThat()
            .haveFullyQualifiedName("java.net.URLConnection")
            .orShould()
            .dependOnClassesThat()
            .haveFullyQualifiedName("java.net.HttpURLConnection"));
  }

  @Test
  void theEnvironmentIsReadByConstructorsOfFunctionsAlone() {
    var environment =
        call("read the environment or a system property", System.class, "getenv", "getProperty");
    check(noAccess(environment.and(not(fromAFunctionsConstructor())), "settings are passed in"));
  }

  @Test
  void timeComesFromAClockThatIsPassedIn() {
    var makesAClock =
        call(
            "make a clock",
            Clock.class,
            "system",
            "systemUTC",
            "systemDefaultZone",
            "tickMillis",
            "tickSeconds",
            "tickMinutes");
    var readsOne =
        call("read the machine's clock", System.class, "currentTimeMillis")
            .or(describe("ask for now", ArchitectureTest::isNowWithoutAClock))
            .or(describe("make a Date of now", ArchitectureTest::isDateOfNow));
    check(
        noAccess(
            makesAClock.and(not(fromAFunctionsConstructor())).or(readsOne), "tests set the clock"));
  }

  @Test
  void randomUuidsAreForTheWireAlone() {
    check(
        noClasses()
            .that()
            .doNotHaveFullyQualifiedName(BASE + "dynamodb.Transactions")
            .and()
            .doNotHaveFullyQualifiedName(BASE + "dynamodb.RowUpdate")
            .should()
            .callMethod(UUID.class, "randomUUID")
            .because("ids of rows sort by time"));
  }

  @Test
  void publicFunctionsAreFinalStreamHandlersThatCloseAndTakeTheirEnvironment() {
    check(
        classes()
            .that()
            .resideInAPackage(BASE + "function..")
            .and()
            .arePublic()
            .should()
            .haveModifier(FINAL)
            .andShould()
            .beAssignableTo(RequestStreamHandler.class)
            .andShould()
            .beAssignableTo(AutoCloseable.class)
            .andShould(havePublicConstructor())
            .andShould(havePublicConstructor(Map.class, Clock.class)));
  }

  @Test
  void nothingKeepsAStateThatChanges() {
    check(
        fields()
            .that()
            .areDeclaredInClassesThat(not(OF_ONE_THREAD))
            .should()
            .beFinal()
            .because("one handler object serves many calls at once"));
  }

  /**
   * Classes with mutable fields: rows, the state of one page, write or request, and the clients
   * during init.
   */
  private static final DescribedPredicate<JavaClass> OF_ONE_THREAD =
      describe(
          "are used by one thread at a time",
          type ->
              type.getSimpleName().endsWith("Row")
                  || type.getFullName().startsWith(BASE + "dynamodb.MergedQuery")
                  || type.getFullName().equals(BASE + "dynamodb.OutboxAttributes")
                  || type.getFullName().equals(BASE + "dynamodb.RowUpdate")
                  || type.getFullName().equals(BASE + "sdk.Clients")
                  || type.getFullName().equals(BASE + "http.Input"));

  private static void check(ArchRule rule) {
    rule.allowEmptyShould(true).check(CLASSES);
  }

  private static String topPackage(JavaClass type) {
    return type.getPackageName().substring(BASE.length()).split("\\.", 2)[0];
  }

  private static String[] ours(String... packages) {
    return Arrays.stream(packages).map(p -> BASE + p + "..").toArray(String[]::new);
  }

  private static ArchRule onlyDependsOn(String ours, String[]... packages) {
    return classes()
        .that()
        .resideInAPackage(BASE + ours + "..")
        .should()
        .onlyDependOnClassesThat()
        .resideInAnyPackage(Arrays.stream(packages).flatMap(Arrays::stream).toArray(String[]::new));
  }

  private static ArchRule noAccess(DescribedPredicate<? super JavaAccess<?>> access, String why) {
    return noClasses().should().accessTargetWhere(access).because(why);
  }

  private static DescribedPredicate<JavaAccess<?>> call(
      String what, Class<?> owner, String... names) {
    var wanted = Set.of(names);
    return describe(
        what,
        access ->
            access.getTargetOwner().isAssignableTo(owner)
                && wanted.contains(access.getTarget().getName()));
  }

  private static DescribedPredicate<JavaAccess<?>> waits() {
    return describe(
        "wait",
        access ->
            WAITS.entrySet().stream()
                .anyMatch(entry ->
                    entry.getValue().contains(access.getTarget().getName())
                        && access.getTargetOwner().isAssignableTo(entry.getKey())));
  }

  private static DescribedPredicate<JavaAccess<?>> theOneBoundedWait() {
    return describe(
        "the bounded wait of " + WAITING,
        access ->
            access.getOriginOwner().getName().equals(WAITING)
                && access
                    .getTarget()
                    .getFullName()
                    .equals(
                        "java.util.concurrent.CompletableFuture.get(long,"
                            + " java.util.concurrent.TimeUnit)"));
  }

  private static DescribedPredicate<JavaAccess<?>> fromAFunctionsConstructor() {
    return describe(
        "from a constructor of a function",
        access ->
            access.getOrigin().isConstructor()
                && topPackage(access.getOriginOwner()).equals("function"));
  }

  private static boolean isBlockingClient(JavaClass type) {
    return type.getSimpleName().endsWith("Client") && !type.getSimpleName().contains("Async");
  }

  private static boolean isNowWithoutAClock(JavaAccess<?> access) {
    return access.getTargetOwner().getPackageName().startsWith("java.time")
        && access.getTarget().getName().equals("now")
        && !access.getTarget().getFullName().endsWith("(java.time.Clock)");
  }

  private static boolean isDateOfNow(JavaAccess<?> access) {
    return access.getTarget().getFullName().equals(Date.class.getName() + ".<init>()");
  }

  private static ArchCondition<JavaClass> havePublicConstructor(Class<?>... parameters) {
    return new ArchCondition<>("have a public constructor " + Arrays.toString(parameters)) {
      @Override
      public void check(JavaClass type, ConditionEvents events) {
        boolean has =
            type.tryGetConstructor(parameters)
                .filter(constructor -> constructor.getModifiers().contains(PUBLIC))
                .isPresent();
        events.add(
            new SimpleConditionEvent(
                type, has, type.getName() + (has ? " does " : " does not ") + getDescription()));
      }
    };
  }
}

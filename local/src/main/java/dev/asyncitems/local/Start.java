package dev.asyncitems.local;

import static java.util.stream.Collectors.groupingBy;
import static java.util.stream.Collectors.toList;

import dev.asyncitems.local.engine.EngineException;
import dev.asyncitems.local.engine.Engines;
import dev.asyncitems.local.engine.SdkNames;
import dev.asyncitems.local.http.Gateway;
import dev.asyncitems.local.http.Guard;
import dev.asyncitems.local.http.HttpServer;
import dev.asyncitems.local.http.Loopback;
import dev.asyncitems.local.invocation.Handlers;
import dev.asyncitems.local.invocation.InjectedFailures;
import dev.asyncitems.local.invocation.InvocationListener;
import dev.asyncitems.local.invocation.RunListener;
import dev.asyncitems.local.issuer.TokenIssuer;
import dev.asyncitems.local.page.LocalPage;
import dev.asyncitems.local.reload.ClassFolders;
import dev.asyncitems.local.reload.Reloader;
import dev.asyncitems.local.template.Access;
import dev.asyncitems.local.template.Function;
import dev.asyncitems.local.template.Mapping;
import dev.asyncitems.local.template.Surroundings;
import dev.asyncitems.local.template.Template;
import dev.asyncitems.local.trigger.Invoker;
import dev.asyncitems.local.trigger.Poller;
import dev.asyncitems.local.trigger.Schedules;
import java.io.IOException;
import java.net.BindException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.jspecify.annotations.Nullable;

/** The start of a run. If a step fails, the resources opened so far are closed. */
final class Start {

  private static final int CONNECT_MILLIS = 2_000;

  private final LocalRunBuilder settings;
  private final Clock clock;
  private final Guard guard;
  private final InjectedFailures failures = new InjectedFailures();
  private final Shutdown shutdown = new Shutdown();

  Start(LocalRunBuilder settings) {
    this.settings = settings;
    this.clock = settings.clock == null ? Clock.systemUTC() : settings.clock;
    Set<String> names = new TreeSet<>(settings.hosts);
    names.add(settings.engineHost.toLowerCase(Locale.ROOT));
    this.guard = Guard.local(names, !Loopback.isAddress(settings.engineHost));
  }

  LocalRun run() {
    ignoreAwsFiles();
    SdkNames.keepNone();
    Surroundings bare =
        new Surroundings(
            settings.stackName,
            Surroundings.DEFAULT.region(),
            Surroundings.DEFAULT.account(),
            Surroundings.DEFAULT.queueUrlPrefix(),
            settings.parameters);
    // Reports errors of the template before the run opens any port or file.
    Template template = Template.read(settings.template, bare);
    turnOnFailures(template.functions());
    try {
      return open(bare, template);
    } catch (InterruptedException e) {
      try (shutdown) {
        throw new LocalRunException("The start was interrupted.", e);
      } finally {
        Thread.currentThread().interrupt();
      }
    } catch (EngineException e) {
      try (shutdown) {
        throw new LocalRunException(String.valueOf(e.getMessage()), e);
      }
    } catch (RuntimeException | Error e) {
      try (shutdown) {
        throw e;
      }
    }
  }

  private void turnOnFailures(List<Function> functions) {
    List<String> names = functions.stream().map(Function::id).toList();
    settings.failing.forEach((name, times) -> {
      if (!names.contains(name)) {
        throw new LocalRunException(
            "--fail: the template has no function %s. Its functions are %s."
                .formatted(name, String.join(", ", names)));
      }
      failures.turnOn(name, times);
    });
  }

  // Every SDK client reads the developer's AWS files when it is built, and fails if a file is
  // malformed.
  private static void ignoreAwsFiles() {
    String none = Path.of(System.getProperty("java.home"), "no-aws-files").toString();
    System.setProperty("aws.configFile", none);
    System.setProperty("aws.sharedCredentialsFile", none);
  }

  private LocalRun open(Surroundings bare, Template read) throws InterruptedException {
    HttpServer server = settings.withFront ? shutdown.addSource(openServer()) : null;
    Engines engines = shutdown.add(engines(bare));
    if (settings.wholeJvm) {
      engines.settings().forEach(System::setProperty);
    }
    Surroundings surroundings =
        bare.withQueueUrlPrefix(Engines.queueUrlPrefix(engines.sqsEndpoint(), bare.account()));
    Template template = read.in(surroundings);
    Optional<LocalPage> page = openPage(template, engines, server);
    RunListener listener = page.map(LocalPage::notices).orElse(settings.listener);
    ClassFolders folders =
        settings.reloading == null ? new ClassFolders(List.of()) : settings.reloading;
    Optional<Reloader> reloader =
        Optional.ofNullable(settings.reloading)
            .map(watched -> new Reloader(watched, settings.template, template, listener))
            .map(shutdown::addSource);
    InvocationListener heard = page.map(LocalPage::invocations).orElse(InvocationListener.NONE);
    Handlers handlers;
    try (ExecutorService starters = Executors.newThreadPerTaskExecutor(Thread::new)) {
      Future<?> dynamoDb = starters.submit(() -> engines.startDynamoDb(template));
      Future<?> sqs = starters.submit(() -> engines.startSqs(template));
      Future<Handlers> made =
          starters.submit(() ->
              shutdown.add(
                  new Handlers(
                      template,
                      function -> environment(function, engines, surroundings),
                      clock,
                      failures,
                      folders.load(),
                      heard)));
      try {
        handlers = outcome(made);
        outcome(dynamoDb);
        outcome(sqs);
      } catch (InterruptedException e) {
        made.cancel(true); // The engines are not cancelled, since their start takes a bounded time.
        throw e;
      }
    }
    List<TokenIssuer> issuers = server == null ? List.of() : openIssuers(template);
    List<Poller> pollers = openPollers(template, surroundings, engines, handlers::invoke, listener);
    Schedules schedules =
        shutdown.addSource(
            new Schedules(
                template.schedules(),
                clock,
                surroundings.region(),
                surroundings.account(),
                handlers::invoke,
                listener));
    if (settings.clock == null) {
      schedules.start();
    }
    if (server != null) {
      warnIfLinksLackBasePath(template, listener);
      server.add(
          new Gateway(
              template.routes(),
              settings.basePath,
              settings.slashes == Slashes.MATCH,
              guard,
              template.cors(),
              template.stageVariables(),
              surroundings.account(),
              clock,
              (functionId, requestId, event, timeout) ->
                  handlers.invoke(
                      functionId,
                      requestId,
                      event,
                      Collections.min(List.of(handlers.timeout(functionId), timeout))),
              listener));
      server.serve();
    }
    reloader.ifPresent(there -> there.start(handlers::reload));
    Optional<URI> uri =
        Optional.ofNullable(server).map(it -> URI.create(it.uri() + settings.basePath));
    return new LocalRun(
        engines,
        template,
        handlers,
        failures,
        uri,
        page.isPresent(),
        issuers,
        pollers,
        schedules,
        shutdown);
  }

  private HttpServer openServer() {
    int port = settings.port;
    try {
      return new HttpServer(port, settings.listener);
    } catch (IOException e) {
      // The system's error text may be in any language. A connection shows if the port is taken.
      boolean taken =
          Loopback.addresses(HttpServer.HOST).stream()
              .anyMatch(address -> answers(new InetSocketAddress(address, port)));
      throw new LocalRunException(
          taken
              ? "Port %d is taken, perhaps by an earlier run: stop it, or add --port %d."
                  .formatted(port, port < 65_535 ? port + 1 : port - 1)
              : "Port %d can't be used: %s. Choose another one with --port."
                  .formatted(port, e.getMessage()),
          e);
    }
  }

  private static boolean answers(InetSocketAddress address) {
    try (Socket socket = new Socket()) {
      socket.connect(address, CONNECT_MILLIS);
      return true;
    } catch (IOException e) {
      return false;
    }
  }

  private Engines engines(Surroundings bare) {
    return settings.endpoint == null
        ? Engines.embedded(
            settings.engineHost,
            settings.dynamoDbPort,
            settings.sqsPort,
            settings.dataFolder,
            bare,
            guard)
        : Engines.at(settings.endpoint, bare);
  }

  private Optional<LocalPage> openPage(
      Template template, Engines engines, @Nullable HttpServer server) {
    if (!settings.withPage || server == null) {
      return Optional.empty();
    }
    if (LocalPage.collidesWith(template)) {
      settings.listener.trouble(
          "The page to watch the run is off, because the template has routes under %s."
              .formatted(LocalPage.PREFIX));
      return Optional.empty();
    }
    LocalPage page =
        shutdown.addSource(
            new LocalPage(
                template,
                engines,
                failures,
                settings.traces,
                settings.listener,
                settings.basePath));
    server.add(page);
    return Optional.of(page);
  }

  private Map<String, String> environment(
      Function function, Engines engines, Surroundings surroundings) {
    Map<String, String> environment = new LinkedHashMap<>(function.environment());
    environment.put("AWS_REGION", surroundings.region());
    environment.put("AWS_ACCESS_KEY_ID", "local");
    environment.put("AWS_SECRET_ACCESS_KEY", "local");
    environment.put("AWS_LAMBDA_FUNCTION_NAME", function.name());
    environment.put(
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE", Integer.toString(function.memoryMegabytes()));
    environment.put("AWS_ENDPOINT_URL_DYNAMODB", engines.dynamoDbEndpoint().toString());
    environment.put("AWS_ENDPOINT_URL_SQS", engines.sqsEndpoint().toString());
    environment.putAll(settings.variables);
    environment.putAll(settings.variablesOf.getOrDefault(function.id(), Map.of()));
    return environment;
  }

  private static <T> T outcome(Future<T> future) throws InterruptedException {
    try {
      return future.get();
    } catch (ExecutionException e) {
      throw e.getCause() instanceof RuntimeException failure
          ? failure
          : new IllegalStateException(e.getCause());
    }
  }

  /**
   * Starts a token issuer at each loopback address that a route names as its issuer, unless another
   * program answers there.
   */
  private List<TokenIssuer> openIssuers(Template template) {
    List<TokenIssuer> issuers = new ArrayList<>();
    template.routes().stream()
        .flatMap(route -> route.access().stream())
        .filter(Start::isLocal)
        .collect(groupingBy(Access::issuer, LinkedHashMap::new, toList()))
        .forEach((issuer, accesses) -> openIssuer(issuer, accesses).ifPresent(issuers::add));
    return issuers;
  }

  private static boolean isLocal(Access access) {
    return access.issuer().getScheme().equals("http")
        && Loopback.isHost(String.valueOf(access.issuer().getAuthority()));
  }

  private Optional<TokenIssuer> openIssuer(URI issuer, List<Access> accesses) {
    Set<String> audiences = new TreeSet<>();
    Set<String> scopes = new TreeSet<>();
    for (Access access : accesses) {
      audiences.addAll(access.audiences());
      scopes.addAll(access.scopes());
    }
    try {
      return Optional.of(
          shutdown.add(
              new TokenIssuer(issuer, List.copyOf(audiences), List.copyOf(scopes), clock)));
    } catch (IOException e) {
      int port = issuer.getPort() < 0 ? 80 : issuer.getPort();
      // A program that answers at the address counts as the issuer. If no program answers, the
      // permission for a port below 1024 may be missing.
      if (e instanceof BindException && answers(new InetSocketAddress(issuer.getHost(), port))) {
        return Optional.empty();
      }
      throw new LocalRunException(
          ("No token issuer answers at %s, and the run can't start one there: %s. Set the parameter"
                  + " that the address comes from, such as --parameter"
                  + " JwtIssuer=http://localhost:9000.")
              .formatted(issuer, e.getMessage()),
          e);
    }
  }

  private List<Poller> openPollers(
      Template template,
      Surroundings surroundings,
      Engines engines,
      Invoker invoker,
      RunListener listener) {
    List<Poller> pollers = new ArrayList<>();
    for (Mapping mapping : template.mappings()) {
      if (settings.withPollers && mapping.enabled()) {
        Poller poller =
            shutdown.add(
                new Poller(
                    mapping,
                    template.queue(mapping.queueId()),
                    surroundings.region(),
                    engines.sqsClient(),
                    invoker,
                    listener));
        shutdown.addSource(poller::end);
        poller.start();
        pollers.add(poller);
      }
    }
    return pollers;
  }

  /** Warns if links may lack the base path. Functions know it only from a stage variable. */
  private void warnIfLinksLackBasePath(Template template, RunListener listener) {
    String basePath = settings.basePath;
    if (!basePath.isEmpty() && !basePath.equals(template.stageVariables().get("basePath"))) {
      listener.trouble(
          ("Links in responses may lack the base path %1$s: set the parameter that the stage"
                  + " variable basePath comes from, such as --parameter BasePath=%1$s.")
              .formatted(basePath));
    }
  }
}

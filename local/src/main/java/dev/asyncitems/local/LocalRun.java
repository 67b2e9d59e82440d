package dev.asyncitems.local;

import dev.asyncitems.local.engine.EngineException;
import dev.asyncitems.local.engine.Engines;
import dev.asyncitems.local.engine.SdkNames;
import dev.asyncitems.local.http.Gateway;
import dev.asyncitems.local.http.Guard;
import dev.asyncitems.local.http.HttpServer;
import dev.asyncitems.local.http.Loopback;
import dev.asyncitems.local.invocation.Handlers;
import dev.asyncitems.local.invocation.InvocationListener;
import dev.asyncitems.local.issuer.TokenIssuer;
import dev.asyncitems.local.page.LocalPage;
import dev.asyncitems.local.reload.ClassFolders;
import dev.asyncitems.local.reload.Reloader;
import dev.asyncitems.local.template.Access;
import dev.asyncitems.local.template.Function;
import dev.asyncitems.local.template.Mapping;
import dev.asyncitems.local.template.Route;
import dev.asyncitems.local.template.Surroundings;
import dev.asyncitems.local.template.Template;
import dev.asyncitems.local.trigger.Poller;
import dev.asyncitems.local.trigger.Schedules;
import java.io.IOException;
import java.net.BindException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.jspecify.annotations.Nullable;

/**
 * A SAM template running on this machine: its tables and queues in real engines, its handlers
 * called as Lambda calls them, its routes on a local port, its mappings polled and its schedules
 * fired. Thread-safe. Several runs may live in one JVM.
 *
 * <p>No credential, profile or setting of the machine is read.
 */
public final class LocalRun implements AutoCloseable {

  private final Engines engines;
  private final Template template;
  private final Handlers handlers;
  private final @Nullable HttpServer front;
  private final String basePath;
  private final List<TokenIssuer> issuers;
  private final List<Poller> pollers;
  private final Schedules schedules;
  private final Optional<LocalPage> page;
  private final Optional<Reloader> reloader;

  private LocalRun(
      Engines engines,
      Template template,
      Handlers handlers,
      @Nullable HttpServer front,
      String basePath,
      List<TokenIssuer> issuers,
      List<Poller> pollers,
      Schedules schedules,
      Optional<LocalPage> page,
      Optional<Reloader> reloader) {
    this.engines = engines;
    this.template = template;
    this.handlers = handlers;
    this.front = front;
    this.basePath = basePath;
    this.issuers = List.copyOf(issuers);
    this.pollers = List.copyOf(pollers);
    this.schedules = schedules;
    this.page = page;
    this.reloader = reloader;
  }

  /** Begins to describe a run of that template. */
  public static Builder of(Path template) {
    return new Builder(template);
  }

  /** Returns where the API answers, such as {@code http://127.0.0.1:3000}, with its base path. */
  public URI uri() {
    if (front == null) {
      throw new IllegalStateException("This run has no HTTP front.");
    }
    return URI.create(front.uri() + basePath);
  }

  /**
   * The issuers of tokens that this run is itself, since routes want tokens of a loopback address
   * where nobody was listening.
   */
  public List<TokenIssuer> tokenIssuers() {
    return issuers;
  }

  /** Where the run can be watched, if it has that page. */
  public Optional<URI> pageUri() {
    return page.map(there -> uri().resolve(LocalPage.PREFIX));
  }

  /** Where DynamoDB answers. */
  public URI dynamoDbEndpoint() {
    return engines.dynamoDbEndpoint();
  }

  /** Where SQS answers. */
  public URI sqsEndpoint() {
    return engines.sqsEndpoint();
  }

  /** The template, resolved with this run's names and addresses. */
  public Template template() {
    return template;
  }

  /** The environment that a function was given, by its logical id. */
  public Map<String, String> environment(String functionId) {
    return handlers.environment(functionId);
  }

  /** The physical name of a table, by its logical id. */
  public String tableName(String tableId) {
    return template.table(tableId).name();
  }

  /** The URL of a queue, by its logical id. */
  public String queueUrl(String queueId) {
    return template.queue(queueId).url();
  }

  /**
   * Calls a function with the event's bytes and gives the bytes of its answer.
   *
   * @throws dev.asyncitems.local.invocation.InvocationException if it throws or runs out of the
   *     time that the template gives it
   */
  public byte[] invoke(String functionId, byte[] event) {
    return invoke(functionId, event, handlers.timeout(functionId));
  }

  /** As {@link #invoke(String, byte[])}, with another time limit. */
  public byte[] invoke(String functionId, byte[] event, Duration timeout) {
    return handlers.invoke(functionId, event, timeout);
  }

  /** Stops the embedded SQS engine: calls to it are refused. Messages in memory are lost. */
  public void stopSqs() {
    engines.stopSqs();
  }

  /** Starts the embedded SQS engine again, on the same port, with its queues. */
  public void startSqs() {
    engines.startSqs(template);
  }

  /** Stops the embedded DynamoDB engine: calls to it are refused. Rows in memory are lost. */
  public void stopDynamoDb() {
    engines.stopDynamoDb();
  }

  /** Starts the embedded DynamoDB engine again, on the same port, with its tables. */
  public void startDynamoDb() {
    engines.startDynamoDb(template);
  }

  /** Makes the pollers rest; returns once the batches that they had taken are done. */
  public void pausePollers() {
    pollers.forEach(Poller::pause);
    pollers.forEach(Poller::awaitRest);
  }

  /** Lets the pollers go on. */
  public void resumePollers() {
    pollers.forEach(Poller::resume);
  }

  /**
   * Fires each schedule that is due by the run's clock, once, and waits for what it does.
   *
   * @return the logical ids of the functions that were invoked, whether they failed or not
   */
  public List<String> fireDueSchedules() {
    return schedules.fireDue();
  }

  /** Closes everything that the run opened: front, pollers, handlers, engines. */
  @Override
  public void close() {
    reloader.ifPresent(Reloader::close);
    schedules.close();
    pollers.forEach(Poller::end);
    page.ifPresent(LocalPage::close);
    if (front != null) {
      front.close();
    }
    issuers.forEach(TokenIssuer::close);
    pollers.forEach(Poller::close);
    handlers.close();
    engines.close();
  }

  /** Describes a run. Not thread-safe. */
  public static final class Builder {

    private static final int ISSUER_PATIENCE_MILLIS = 2_000;

    private final Path template;
    private final Map<String, String> parameters = new LinkedHashMap<>();
    private final Map<String, String> variables = new LinkedHashMap<>();
    private final Map<String, Map<String, String>> variablesOf = new LinkedHashMap<>();
    private int port;
    private boolean withFront = true;
    private boolean withPollers = true;
    private @Nullable Path dataFolder;
    private final Set<String> hosts = new TreeSet<>();
    private String engineHost = "127.0.0.1";
    private int dynamoDbPort;
    private int sqsPort;
    private @Nullable URI endpoint;
    private String stackName = Surroundings.DEFAULT.stackName();
    private @Nullable Clock clock;
    private Slashes slashes = Slashes.MATCH;
    private String basePath = "";
    private boolean withPage;
    private boolean wholeJvm;
    private @Nullable ClassFolders reloading;
    private RunListener listener = new FailurePrinter();

    private Builder(Path template) {
      this.template = template;
    }

    /** The port of the HTTP front; 0, the default, takes a free one. */
    public Builder port(int port) {
      this.port = port;
      return this;
    }

    /** No HTTP front. */
    public Builder withoutFront() {
      this.withFront = false;
      return this;
    }

    /** No pollers: messages stay in the queues. */
    public Builder withoutPollers() {
      this.withPollers = false;
      return this;
    }

    /** Keeps rows and messages in that folder; without it they are in memory. */
    public Builder dataFolder(Path folder) {
      this.dataFolder = folder;
      return this;
    }

    /**
     * The address that the embedded engines listen on, 127.0.0.1 if not told. With one beyond
     * loopback, the run answers also to IP addresses, names without a dot and names below {@code
     * .internal}, by which containers call it.
     */
    public Builder engineHost(String host) {
      this.engineHost = host;
      return this;
    }

    /**
     * A name by which clients call the run, such as a tunnel's, besides {@code localhost}, the
     * names below it and loopback addresses. It is case-insensitive and without a port.
     */
    public Builder host(String name) {
      this.hosts.add(name.toLowerCase(Locale.ROOT));
      return this;
    }

    /** The ports of the embedded engines; 0, the default, takes free ones. */
    public Builder enginePorts(int dynamoDb, int sqs) {
      this.dynamoDbPort = dynamoDb;
      this.sqsPort = sqs;
      return this;
    }

    /**
     * Uses the DynamoDB and the SQS that answer there, instead of embedded engines. What the run
     * creates there it leaves there.
     */
    public Builder endpoint(URI endpoint) {
      this.endpoint = endpoint;
      return this;
    }

    /** Begins the physical names, {@code local} if not told. */
    public Builder stackName(String name) {
      this.stackName = name;
      return this;
    }

    /**
     * The clock of schedules and handlers. With one given, schedules fire only by {@link
     * LocalRun#fireDueSchedules()}; without, they fire by themselves, by the system's clock.
     */
    public Builder clock(Clock clock) {
      this.clock = clock;
      return this;
    }

    /**
     * Mounts the API under that path, such as {@code /v1}, as an API mapping of a custom domain
     * does: {@code rawPath} does not have it. At the root if not told.
     */
    public Builder basePath(String basePath) {
      this.basePath = basePath;
      return this;
    }

    /** What a path that ends in a slash matches; {@link Slashes#MATCH} if not told. */
    public Builder slashes(Slashes slashes) {
      this.slashes = slashes;
      return this;
    }

    /** Gives a parameter of the template a value. */
    public Builder parameter(String name, String value) {
      parameters.put(name, value);
      return this;
    }

    /** Adds to the environment of every function, over what the template and the run give. */
    public Builder environment(Map<String, String> variables) {
      this.variables.putAll(variables);
      return this;
    }

    /** Adds to the environment of one function, over everything else. */
    public Builder environment(String functionId, Map<String, String> variables) {
      variablesOf.computeIfAbsent(functionId, id -> new LinkedHashMap<>()).putAll(variables);
      return this;
    }

    /**
     * Serves the page on which the run is watched, under {@value LocalPage#PREFIX}, before any
     * route that is as general; not if the template has routes under that prefix itself, which is
     * told. Until the run is closed, what is printed to {@code System.out} passes through it.
     */
    public Builder page() {
      this.withPage = true;
      return this;
    }

    /**
     * The JVM is this run's alone: clients of the SDK that handlers build without telling them
     * where AWS is reach the run's engines too. It sets system properties, which stay.
     */
    public Builder wholeJvm() {
      this.wholeJvm = true;
      return this;
    }

    /** Loads the functions of these folders, and anew when they are compiled again. */
    public Builder reloading(ClassFolders folders) {
      this.reloading = folders;
      return this;
    }

    /** Is told what the run does; if not set, failures are printed to {@code System.err}. */
    public Builder listener(RunListener listener) {
      this.listener = listener;
      return this;
    }

    /**
     * Starts everything and returns when it answers.
     *
     * @throws dev.asyncitems.local.template.TemplateException if the template can't be run
     * @throws LocalRunException if the port is taken, the folder can't be used, or an engine
     *     doesn't start; the message is one sentence
     */
    public LocalRun start() {
      readNoFileOfTheMachine();
      SdkNames.keepNone();
      Surroundings surroundings =
          new Surroundings(
              stackName,
              Surroundings.DEFAULT.region(),
              Surroundings.DEFAULT.account(),
              Surroundings.DEFAULT.queueUrlPrefix(),
              parameters);
      Template.read(template, surroundings); // tells what is wrong before anything is opened
      List<AutoCloseable> opened = new ArrayList<>();
      try {
        return start(surroundings, opened);
      } catch (RuntimeException e) {
        closeAll(opened, e);
        throw e instanceof EngineException
            ? new LocalRunException(String.valueOf(e.getMessage()), e)
            : e;
      }
    }

    // Every client of the SDK reads the developer's files when it is made, whatever it is given
    // instead, and a broken one ends that.
    private static void readNoFileOfTheMachine() {
      String none = Path.of(System.getProperty("java.home"), "no-aws-files").toString();
      System.setProperty("aws.configFile", none);
      System.setProperty("aws.sharedCredentialsFile", none);
    }

    private LocalRun start(Surroundings bare, List<AutoCloseable> opened) {
      HttpServer front = null;
      if (withFront) {
        front = openFront();
        opened.add(front);
      }
      Engines engines =
          endpoint == null
              ? Engines.embedded(engineHost, dynamoDbPort, sqsPort, dataFolder, bare, guard())
              : Engines.at(endpoint, bare);
      opened.add(engines);
      if (wholeJvm) {
        engines.settings().forEach(System::setProperty);
      }
      Surroundings surroundings =
          new Surroundings(
              bare.stackName(),
              bare.region(),
              bare.account(),
              Engines.queueUrlPrefix(engines.sqsEndpoint(), bare.account()),
              parameters);
      Template resolved = Template.read(template, surroundings);
      Clock time = clock == null ? Clock.systemUTC() : clock;
      Optional<LocalPage> page = page(resolved, engines, front);
      page.ifPresent(opened::add);
      InvocationListener heard = page.map(LocalPage::invocations).orElse(InvocationListener.NONE);
      ClassFolders folders = reloading == null ? new ClassFolders(List.of()) : reloading;
      Optional<Reloader> reloader =
          reloading == null
              ? Optional.empty()
              : Optional.of(new Reloader(folders, template, resolved, listener));
      reloader.ifPresent(opened::add);
      Handlers handlers;
      try (ExecutorService starters = Executors.newThreadPerTaskExecutor(Thread::new)) {
        Future<?> dynamoDb = starters.submit(() -> engines.startDynamoDb(resolved));
        Future<?> sqs = starters.submit(() -> engines.startSqs(resolved));
        Callable<Handlers> making =
            () ->
                Handlers.make(
                    resolved,
                    f -> environment(f, engines, surroundings),
                    time,
                    folders.load(),
                    heard);
        Future<Handlers> made = starters.submit(making);
        handlers = outcome(made);
        opened.add(handlers);
        outcome(dynamoDb);
        outcome(sqs);
      }
      RunInvoker invoker = new RunInvoker(handlers, listener);
      List<TokenIssuer> issuers = front == null ? List.of() : openIssuers(resolved, time, opened);
      List<Poller> pollers = new ArrayList<>();
      for (Mapping mapping : resolved.mappings()) {
        if (withPollers && mapping.enabled()) {
          Poller poller =
              Poller.start(
                  mapping,
                  resolved.queue(mapping.queueId()),
                  surroundings.region(),
                  engines.sqsClient(),
                  invoker);
          opened.add(poller);
          pollers.add(poller);
        }
      }
      Schedules schedules =
          new Schedules(
              resolved.schedules(), time, surroundings.region(), surroundings.account(), invoker);
      opened.add(schedules);
      if (clock == null) {
        schedules.start();
      }
      if (front != null) {
        tellIfLinksLeaveOutBasePath(resolved);
        front.add(
            new Gateway(
                resolved.routes(),
                basePath,
                slashes == Slashes.MATCH,
                guard(),
                resolved.cors(),
                resolved.stageVariables(),
                Handlers.PAYLOAD_LIMIT,
                surroundings.account(),
                time,
                invoker));
        front.serve();
      }
      reloader.ifPresent(there -> there.start(handlers::renew));
      return new LocalRun(
          engines, resolved, handlers, front, basePath, issuers, pollers, schedules, page,
          reloader);
    }

    private Guard guard() {
      Set<String> names = new TreeSet<>(hosts);
      names.add(engineHost.toLowerCase(Locale.ROOT));
      return Guard.local(names, !Loopback.isAddress(engineHost));
    }

    /** On AWS too, only the stage tells a function the path of its API mapping. */
    private void tellIfLinksLeaveOutBasePath(Template resolved) {
      if (!basePath.isEmpty() && !basePath.equals(resolved.stageVariables().get("basePath"))) {
        listener.trouble(
            "Links in answers may leave out "
                + basePath
                + ": set the parameter that the stage variable basePath comes from, such as"
                + " --parameter BasePath="
                + basePath
                + ".");
      }
    }

    private static boolean isOfThisMachine(Access access) {
      return access.issuer().getScheme().equals("http")
          && Loopback.isHost(String.valueOf(access.issuer().getAuthority()));
    }

    private static List<TokenIssuer> openIssuers(
        Template resolved, Clock time, List<AutoCloseable> opened) {
      Map<URI, Set<String>> scopes = new LinkedHashMap<>();
      Map<URI, Set<String>> audiences = new LinkedHashMap<>();
      for (Route route : resolved.routes()) {
        for (Access access : route.access().filter(Builder::isOfThisMachine).stream().toList()) {
          scopes.computeIfAbsent(access.issuer(), u -> new TreeSet<>()).addAll(access.scopes());
          audiences
              .computeIfAbsent(access.issuer(), u -> new TreeSet<>())
              .addAll(access.audiences());
        }
      }
      List<TokenIssuer> issuers = new ArrayList<>();
      scopes.forEach((issuer, its) -> {
        try {
          List<String> recipients = List.copyOf(audiences.getOrDefault(issuer, Set.of()));
          TokenIssuer own = new TokenIssuer(issuer, recipients, List.copyOf(its), time);
          opened.add(own);
          issuers.add(own);
        } catch (IOException e) {
          // who answers there is the issuer; a port below 1024, say, is just not allowed
          if (!(e instanceof BindException) || !answers(issuer)) {
            throw new LocalRunException(
                "Tokens can't be issued at "
                    + issuer
                    + ", and nobody else answers there: "
                    + e.getMessage()
                    + ".",
                e);
          }
        }
      });
      return issuers;
    }

    private static boolean answers(URI issuer) {
      InetSocketAddress address =
          new InetSocketAddress(issuer.getHost(), issuer.getPort() < 0 ? 80 : issuer.getPort());
      try (Socket socket = new Socket()) {
        socket.connect(address, ISSUER_PATIENCE_MILLIS);
        return true;
      } catch (IOException e) {
        return false;
      }
    }

    private Optional<LocalPage> page(
        Template resolved, Engines engines, @Nullable HttpServer front) {
      if (!withPage || front == null) {
        return Optional.empty();
      }
      if (LocalPage.collidesWith(resolved)) {
        listener.trouble(
            "There is no page to watch the run: the template has routes of its own under "
                + LocalPage.PREFIX
                + ".");
        return Optional.empty();
      }
      LocalPage page = new LocalPage(resolved, engines, Clock.systemUTC(), listener::failed);
      front.add(page);
      return Optional.of(page);
    }

    private HttpServer openFront() {
      try {
        return HttpServer.open("127.0.0.1", port, listener::failed);
      } catch (IOException e) {
        throw new LocalRunException(
            isTaken(port)
                ? "Port " + port + " is taken by another program: choose another port."
                : "Port " + port + " can't be used: " + e.getMessage() + ".",
            e);
      }
    }

    /** Whether a program listens there. What the system says of it is in the user's language. */
    private static boolean isTaken(int port) {
      for (String address : Loopback.addresses("127.0.0.1")) {
        try (Socket _ = new Socket(address, port)) {
          return true;
        } catch (IOException e) {
          // nobody answers at this address
        }
      }
      return false;
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
      environment.putAll(variables);
      environment.putAll(variablesOf.getOrDefault(function.id(), Map.of()));
      return environment;
    }

    private static <T> T outcome(Future<T> future) {
      try {
        return future.get();
      } catch (ExecutionException e) {
        throw e.getCause() instanceof RuntimeException failure
            ? failure
            : new IllegalStateException(e.getCause());
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new LocalRunException("The start was interrupted.", e);
      }
    }

    private static void closeAll(List<AutoCloseable> opened, RuntimeException why) {
      for (AutoCloseable one : opened.reversed()) {
        try {
          one.close();
        } catch (Exception e) {
          why.addSuppressed(e);
        }
      }
    }
  }
}

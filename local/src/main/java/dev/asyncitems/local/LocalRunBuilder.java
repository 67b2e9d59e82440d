package dev.asyncitems.local;

import dev.asyncitems.local.invocation.InjectedFailures;
import dev.asyncitems.local.invocation.RunListener;
import dev.asyncitems.local.invocation.StackTraces;
import dev.asyncitems.local.page.LocalPage;
import dev.asyncitems.local.reload.ClassFolders;
import dev.asyncitems.local.template.Surroundings;
import java.net.URI;
import java.nio.file.Path;
import java.time.Clock;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** A builder that holds the settings of a run and starts it. Not thread-safe. */
public final class LocalRunBuilder {

  final Path template;
  final Map<String, String> parameters = new LinkedHashMap<>();
  final Map<String, String> variables = new LinkedHashMap<>();
  final Map<String, Map<String, String>> variablesOf = new LinkedHashMap<>();
  int port;
  boolean withFront = true;
  boolean withPollers = true;
  @Nullable Path dataFolder;
  final Set<String> hosts = new TreeSet<>();
  String engineHost = "127.0.0.1";
  int dynamoDbPort;
  int sqsPort;
  @Nullable URI endpoint;
  String stackName = Surroundings.DEFAULT.stackName();
  @Nullable Clock clock;
  Slashes slashes = Slashes.MATCH;
  String basePath = "";
  boolean withPage;
  boolean wholeJvm;
  @Nullable ClassFolders reloading;
  StackTraces traces = new StackTraces(ClassFolders.ofClassPath()::hold, false);
  final Map<String, Integer> failing = new LinkedHashMap<>();
  RunListener listener = new FailurePrinter();

  LocalRunBuilder(Path template) {
    this.template = template;
  }

  /** Sets the port of the HTTP API. The default is a free port. */
  public LocalRunBuilder port(int port) {
    this.port = port;
    return this;
  }

  public LocalRunBuilder withoutFront() {
    this.withFront = false;
    return this;
  }

  /** Leaves out the pollers, so that messages stay in the queues. */
  public LocalRunBuilder withoutPollers() {
    this.withPollers = false;
    return this;
  }

  /** Sets the folder for rows and messages. By default, they are kept in memory. */
  public LocalRunBuilder dataFolder(Path folder) {
    this.dataFolder = folder;
    return this;
  }

  /**
   * Sets the address that the embedded engines listen on, 127.0.0.1 by default. If it is not a
   * loopback address, the run also accepts the hosts that containers use. They are IP addresses,
   * names without a dot and names below {@code .internal}.
   */
  public LocalRunBuilder engineHost(String host) {
    this.engineHost = host;
    return this;
  }

  /**
   * Adds a host name by which clients may call the API and the engines, such as a tunnel's. The API
   * and the engines always accept loopback addresses, {@code localhost} and {@code *.localhost}.
   *
   * @param name the name without a port, in upper or lower case
   */
  public LocalRunBuilder host(String name) {
    this.hosts.add(name.toLowerCase(Locale.ROOT));
    return this;
  }

  /** Sets the ports of the embedded engines. The default 0 takes a free port. */
  public LocalRunBuilder enginePorts(int dynamoDb, int sqs) {
    this.dynamoDbPort = dynamoDb;
    this.sqsPort = sqs;
    return this;
  }

  /**
   * Uses the DynamoDB and the SQS at this address instead of embedded engines. The run does not
   * delete the tables and queues that it creates there.
   */
  public LocalRunBuilder endpoint(URI endpoint) {
    this.endpoint = endpoint;
    return this;
  }

  /** Sets the stack name, {@code local} by default. Generated physical names begin with it. */
  public LocalRunBuilder stackName(String name) {
    this.stackName = name;
    return this;
  }

  /**
   * Sets a clock for the run instead of the system's clock. Schedules then fire only in {@link
   * LocalRun#fireDueSchedules()}.
   */
  public LocalRunBuilder clock(Clock clock) {
    this.clock = clock;
    return this;
  }

  /**
   * Serves the API under a path such as {@code /v1} instead of the root. As with an API mapping of
   * a custom domain, {@code rawPath} does not contain this path.
   */
  public LocalRunBuilder basePath(String basePath) {
    this.basePath = basePath;
    return this;
  }

  /** Sets how the run routes paths that end in a slash, {@link Slashes#MATCH} by default. */
  public LocalRunBuilder slashes(Slashes slashes) {
    this.slashes = slashes;
    return this;
  }

  public LocalRunBuilder parameter(String name, String value) {
    parameters.put(name, value);
    return this;
  }

  /**
   * Adds environment variables to every function. They override the variables of the template and
   * of the run.
   */
  public LocalRunBuilder environment(Map<String, String> variables) {
    this.variables.putAll(variables);
    return this;
  }

  /** Adds environment variables to one function. They override all other variables. */
  public LocalRunBuilder environment(String functionId, Map<String, String> variables) {
    variablesOf.computeIfAbsent(functionId, id -> new LinkedHashMap<>()).putAll(variables);
    return this;
  }

  /**
   * Serves a page for watching the run under {@value LocalPage#PREFIX}. If a route of the template
   * begins with this prefix, the run has no page and tells the listener why. The page captures
   * {@code System.out} until the run closes.
   */
  public LocalRunBuilder page() {
    this.withPage = true;
    return this;
  }

  /**
   * Sets system properties by which SDK clients without an endpoint reach the run's engines. The
   * properties stay after the run, so use this method only in a JVM with a single run.
   */
  public LocalRunBuilder wholeJvm() {
    this.wholeJvm = true;
    return this;
  }

  /**
   * Loads the handlers' classes from these folders, and loads them again after a change. A folder
   * {@code target/classes} also changes when a source in {@code src/main/java} does.
   */
  public LocalRunBuilder reloading(ClassFolders folders) {
    this.reloading = folders;
    return this;
  }

  /**
   * Makes a function fail. A consumer of background tasks fails at its next attempts. Any other
   * function fails at its next invocations.
   *
   * @param times the number of failures, or {@link InjectedFailures#UNLIMITED}
   */
  public LocalRunBuilder failing(String functionId, int times) {
    failing.put(functionId, times);
    return this;
  }

  /** Sets how the page shows stack traces. By default, it hides the frames of libraries. */
  public LocalRunBuilder stackTraces(StackTraces traces) {
    this.traces = traces;
    return this;
  }

  /**
   * Sets the listener. The default prints failed invocations and problems to {@code System.err}.
   */
  public LocalRunBuilder listener(RunListener listener) {
    this.listener = listener;
    return this;
  }

  /**
   * Starts the run and returns when it accepts requests. A failed start closes all that it opened.
   *
   * @throws dev.asyncitems.local.template.TemplateException if the template cannot be used
   * @throws LocalRunException if the port is taken, the folder cannot be used, or an engine does
   *     not start; the message is one sentence
   */
  public LocalRun start() {
    return new Start(this).run();
  }
}

package dev.asyncitems.local;

import dev.asyncitems.local.invocation.RunListener;
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

/** The settings of a run. Not thread-safe. */
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
  RunListener listener = new FailurePrinter();

  LocalRunBuilder(Path template) {
    this.template = template;
  }

  /** Sets the port of the HTTP API. By default, it takes a free port. */
  public LocalRunBuilder port(int port) {
    this.port = port;
    return this;
  }

  /** Leaves out the HTTP API. */
  public LocalRunBuilder withoutFront() {
    this.withFront = false;
    return this;
  }

  /** Leaves out the pollers, so that messages stay in the queues. */
  public LocalRunBuilder withoutPollers() {
    this.withPollers = false;
    return this;
  }

  /** Keeps rows and messages in a folder. By default, they are in memory. */
  public LocalRunBuilder dataFolder(Path folder) {
    this.dataFolder = folder;
    return this;
  }

  /**
   * Sets the address of the embedded engines, 127.0.0.1 by default. With an address beyond
   * loopback, the run also answers to hosts by which containers call it: IP addresses, names
   * without a dot and names below {@code .internal}.
   */
  public LocalRunBuilder engineHost(String host) {
    this.engineHost = host;
    return this;
  }

  /**
   * Adds a host name by which clients may call the run, such as the name of a tunnel. The run
   * always answers to {@code localhost}, the names below it and loopback addresses.
   *
   * @param name a name without a port; its case doesn't matter
   */
  public LocalRunBuilder host(String name) {
    this.hosts.add(name.toLowerCase(Locale.ROOT));
    return this;
  }

  /** Sets the ports of the embedded engines. 0, the default, takes a free port. */
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

  /** Sets the stack name, {@code local} by default. Physical names begin with it. */
  public LocalRunBuilder stackName(String name) {
    this.stackName = name;
    return this;
  }

  /**
   * Sets the clock of schedules and handlers. Schedules then fire only when you call {@link
   * LocalRun#fireDueSchedules()}. By default, they fire by the system's clock.
   */
  public LocalRunBuilder clock(Clock clock) {
    this.clock = clock;
    return this;
  }

  /**
   * Serves the API under a path such as {@code /v1}, as an API mapping of a custom domain does:
   * {@code rawPath} leaves it out. By default, the API is at the root.
   */
  public LocalRunBuilder basePath(String basePath) {
    this.basePath = basePath;
    return this;
  }

  /** Sets which route a path that ends in a slash matches, {@link Slashes#MATCH} by default. */
  public LocalRunBuilder slashes(Slashes slashes) {
    this.slashes = slashes;
    return this;
  }

  /** Sets a parameter of the template. */
  public LocalRunBuilder parameter(String name, String value) {
    parameters.put(name, value);
    return this;
  }

  /** Adds variables to every function; they override those of the template and the run. */
  public LocalRunBuilder environment(Map<String, String> variables) {
    this.variables.putAll(variables);
    return this;
  }

  /** Adds variables to one function; they override all others. */
  public LocalRunBuilder environment(String functionId, Map<String, String> variables) {
    variablesOf.computeIfAbsent(functionId, id -> new LinkedHashMap<>()).putAll(variables);
    return this;
  }

  /**
   * Serves a page under {@value LocalPage#PREFIX} on which developers watch the run. It takes
   * precedence over the template's routes. If a route begins with that prefix, there is no page,
   * and the listener is told why. The page reads {@code System.out} until the run closes.
   */
  public LocalRunBuilder page() {
    this.withPage = true;
    return this;
  }

  /**
   * Sets system properties by which SDK clients without an endpoint reach the run's engines. They
   * stay after the run, so use it only in a JVM that serves a single run.
   */
  public LocalRunBuilder wholeJvm() {
    this.wholeJvm = true;
    return this;
  }

  /** Loads functions from these folders, and again whenever their classes change. */
  public LocalRunBuilder reloading(ClassFolders folders) {
    this.reloading = folders;
    return this;
  }

  /**
   * Sets the listener. By default, failed invocations and other problems are printed to {@code
   * System.err}.
   */
  public LocalRunBuilder listener(RunListener listener) {
    this.listener = listener;
    return this;
  }

  /**
   * Starts the run and returns when it answers. If the start fails, nothing stays open.
   *
   * @throws dev.asyncitems.local.template.TemplateException if the template can't be run
   * @throws LocalRunException if the port is taken, the folder can't be used, or an engine doesn't
   *     start; the message is one sentence
   */
  public LocalRun start() {
    return new Start(this).run();
  }
}

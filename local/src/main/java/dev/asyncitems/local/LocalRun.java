package dev.asyncitems.local;

import dev.asyncitems.local.engine.Engines;
import dev.asyncitems.local.invocation.Handlers;
import dev.asyncitems.local.invocation.InjectedFailures;
import dev.asyncitems.local.issuer.TokenIssuer;
import dev.asyncitems.local.page.LocalPage;
import dev.asyncitems.local.template.Template;
import dev.asyncitems.local.trigger.Poller;
import dev.asyncitems.local.trigger.Schedules;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A SAM template that runs on this machine. DynamoDB and SQS engines hold its tables and queues.
 * HTTP requests, messages and schedules invoke its functions. A run does not read the machine's AWS
 * credentials or settings. A JVM can have several runs at the same time. Thread-safe.
 */
public final class LocalRun implements AutoCloseable {

  private final Engines engines;
  private final Template template;
  private final Handlers handlers;
  private final InjectedFailures failures;
  private final Optional<URI> uri;
  private final boolean hasPage;
  private final List<TokenIssuer> issuers;
  private final List<Poller> pollers;
  private final Schedules schedules;
  private final Shutdown shutdown;

  LocalRun(
      Engines engines,
      Template template,
      Handlers handlers,
      InjectedFailures failures,
      Optional<URI> uri,
      boolean hasPage,
      List<TokenIssuer> issuers,
      List<Poller> pollers,
      Schedules schedules,
      Shutdown shutdown) {
    this.engines = engines;
    this.template = template;
    this.handlers = handlers;
    this.failures = failures;
    this.uri = uri;
    this.hasPage = hasPage;
    this.issuers = List.copyOf(issuers);
    this.pollers = List.copyOf(pollers);
    this.schedules = schedules;
    this.shutdown = shutdown;
  }

  /** Returns a builder with the default settings, for a run of this template. */
  public static LocalRunBuilder of(Path template) {
    return new LocalRunBuilder(template);
  }

  /** Returns the address of the API, such as {@code http://127.0.0.1:3000}, with its base path. */
  public URI uri() {
    return uri.orElseThrow(() ->
        new IllegalStateException("This run has no HTTP API: it was built with withoutFront()."));
  }

  /**
   * Returns the token issuers that this run has started. It starts one at each loopback address
   * that a route names as its issuer, unless another program answers there.
   */
  public List<TokenIssuer> tokenIssuers() {
    return issuers;
  }

  /** Returns the address of the page for watching the run, or empty if the run has no page. */
  public Optional<URI> pageUri() {
    return hasPage ? Optional.of(uri().resolve(LocalPage.PREFIX)) : Optional.empty();
  }

  public URI dynamoDbEndpoint() {
    return engines.dynamoDbEndpoint();
  }

  public URI sqsEndpoint() {
    return engines.sqsEndpoint();
  }

  /** Returns the template, resolved with this run's names and addresses. */
  public Template template() {
    return template;
  }

  /** Returns the environment variables of the function with this logical id. */
  public Map<String, String> environment(String functionId) {
    return handlers.environment(functionId);
  }

  /** Returns the physical name of the table with this logical id. */
  public String tableName(String tableId) {
    return template.table(tableId).name();
  }

  /** Returns the URL of the queue with this logical id. */
  public String queueUrl(String queueId) {
    return template.queue(queueId).url();
  }

  /**
   * Invokes a function with an event and returns the function's response.
   *
   * @throws dev.asyncitems.local.invocation.InvocationException if the function throws, exceeds the
   *     template's timeout or returns more than 6 MB
   */
  public byte[] invoke(String functionId, byte[] event) {
    return handlers.invoke(functionId, event);
  }

  /** Invokes a function like {@link #invoke(String, byte[])}, but with the given timeout. */
  public byte[] invoke(String functionId, byte[] event, Duration timeout) {
    return handlers.invoke(functionId, event, timeout);
  }

  /** Returns the switches that make functions fail. */
  public InjectedFailures failures() {
    return failures;
  }

  /** Stops the embedded SQS, so that connections to it fail. Messages in memory are lost. */
  public void stopSqs() {
    engines.stopSqs();
  }

  /** Starts the embedded SQS again, on the same port and with its queues. */
  public void startSqs() {
    engines.startSqs(template);
  }

  /** Stops the embedded DynamoDB, so that connections to it fail. Rows in memory are lost. */
  public void stopDynamoDb() {
    engines.stopDynamoDb();
  }

  /** Starts the embedded DynamoDB again, on the same port and with its tables. */
  public void startDynamoDb() {
    engines.startDynamoDb(template);
  }

  /** Pauses the pollers and waits until functions have handled the received batches. */
  public void pausePollers() {
    pollers.forEach(Poller::pause);
    pollers.forEach(Poller::awaitRest);
  }

  public void resumePollers() {
    pollers.forEach(Poller::resume);
  }

  /**
   * Fires each due schedule once and waits for its function.
   *
   * @return the logical ids of the invoked functions, including those that failed
   */
  public List<String> fireDueSchedules() {
    return schedules.fireDue();
  }

  @Override
  public void close() {
    shutdown.close();
  }
}

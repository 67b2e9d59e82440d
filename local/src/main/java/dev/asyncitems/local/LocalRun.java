package dev.asyncitems.local;

import dev.asyncitems.local.template.Template;
import java.net.URI;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/**
 * A SAM template running on this machine: its tables and queues in real engines, its handlers
 * called as Lambda calls them, its routes on a local port, its mappings polled and its schedules
 * fired. Thread-safe. Several runs may live in one JVM.
 *
 * <p>No credential, profile or setting of the machine is read.
 */
public final class LocalRun implements AutoCloseable {

  private LocalRun() {}

  /** Begins to describe a run of that template. */
  public static Builder of(Path template) {
    return new Builder(template);
  }

  /** Where the HTTP front listens, such as {@code http://127.0.0.1:3000}. */
  public URI uri() {
    return URI.create("http://127.0.0.1");
  }

  /** Where DynamoDB answers. */
  public URI dynamoDbEndpoint() {
    return URI.create("http://127.0.0.1");
  }

  /** Where SQS answers. */
  public URI sqsEndpoint() {
    return URI.create("http://127.0.0.1");
  }

  /** The template, resolved with this run's names and addresses. */
  public Template template() {
    return Template.read(Path.of("x"));
  }

  /** The environment that a function was given, by its logical id. */
  public Map<String, String> environment(String functionId) {
    return Map.of();
  }

  /** The physical name of a table, by its logical id. */
  public String tableName(String tableId) {
    return tableId;
  }

  /** The URL of a queue, by its logical id. */
  public String queueUrl(String queueId) {
    return queueId;
  }

  /**
   * Calls a function with the event's bytes and gives the bytes of its answer.
   *
   * @throws dev.asyncitems.local.invocation.InvocationException if it throws or runs out of the
   *     time that the template gives it
   */
  public byte[] invoke(String functionId, byte[] event) {
    return event.clone();
  }

  /** As {@link #invoke(String, byte[])}, with another time limit. */
  public byte[] invoke(String functionId, byte[] event, Duration timeout) {
    return event.clone();
  }

  /** Stops the embedded SQS engine: calls to it are refused. Messages in memory are lost. */
  public void stopSqs() {}

  /** Starts the embedded SQS engine again, on the same port, with its queues. */
  public void startSqs() {}

  /** Stops the embedded DynamoDB engine: calls to it are refused. Rows in memory are lost. */
  public void stopDynamoDb() {}

  /** Starts the embedded DynamoDB engine again, on the same port, with its tables. */
  public void startDynamoDb() {}

  /** Makes the pollers rest; returns once what they were at is done. */
  public void pausePollers() {}

  /** Lets the pollers go on. */
  public void resumePollers() {}

  /**
   * Fires each schedule that is due by the run's clock, once, and waits for what it does.
   *
   * @return the logical ids of the functions that were invoked, whether they failed or not
   */
  public List<String> fireDueSchedules() {
    return List.of();
  }

  /** Closes everything that the run opened: front, pollers, handlers, engines. */
  @Override
  public void close() {}

  /** Describes a run. Not thread-safe. */
  public static final class Builder {

    private final Path template;

    private Builder(Path template) {
      this.template = template;
    }

    /** The port of the HTTP front; 0, the default, takes a free one. */
    public Builder port(int port) {
      return this;
    }

    /** No HTTP front. */
    public Builder withoutFront() {
      return this;
    }

    /** No pollers: messages stay in the queues. */
    public Builder withoutPollers() {
      return this;
    }

    /** Keeps rows and messages in that folder; without it they are in memory. */
    public Builder dataFolder(Path folder) {
      return this;
    }

    /** The address that the embedded engines listen on, 127.0.0.1 if not told. */
    public Builder engineHost(String host) {
      return this;
    }

    /**
     * Uses the DynamoDB and the SQS that answer there, instead of embedded engines. What the run
     * creates there it leaves there.
     */
    public Builder endpoint(URI endpoint) {
      return this;
    }

    /** Begins the physical names, {@code local} if not told. */
    public Builder stackName(String name) {
      return this;
    }

    /**
     * The clock of schedules and handlers. With one given, schedules fire only by {@link
     * LocalRun#fireDueSchedules()}; without, they fire by themselves, by the system's clock.
     */
    public Builder clock(Clock clock) {
      return this;
    }

    /** What a path that ends in a slash matches; {@link Slashes#MATCH} if not told. */
    public Builder slashes(Slashes slashes) {
      return this;
    }

    /** Gives a parameter of the template a value. */
    public Builder parameter(String name, String value) {
      return this;
    }

    /** Adds to the environment of every function, over what the template and the run give. */
    public Builder environment(Map<String, String> variables) {
      return this;
    }

    /** Adds to the environment of one function, over everything else. */
    public Builder environment(String functionId, Map<String, String> variables) {
      return this;
    }

    /** Is told what the run does; if not set, failures are printed to {@code System.err}. */
    public Builder listener(RunListener listener) {
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
      if (template.toString().isEmpty()) {
        throw new LocalRunException("not built yet");
      }
      return new LocalRun();
    }
  }
}

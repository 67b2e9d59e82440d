package dev.asyncitems.local;

import dev.asyncitems.local.http.Loopback;
import dev.asyncitems.local.invocation.InjectedFailures;
import dev.asyncitems.local.invocation.StackTraces;
import dev.asyncitems.local.reload.ClassFolders;
import dev.asyncitems.local.template.TemplateException;
import java.io.PrintStream;
import java.lang.management.ManagementFactory;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/**
 * The command line of the local run. Ctrl-C stops the run. The exit code is 1 if the run cannot
 * start and 2 for a wrong command line. Standard error then gives the reason.
 */
@Command(
    name = "local",
    description = "Runs a SAM template on this machine, without Docker or an account.",
    sortOptions = false)
public final class Main implements Callable<Integer> {

  /** The system property that makes this process exit when its parent exits. */
  static final String STOP_WITH_PARENT = "local.stopWithParent";

  private static final Pattern FAILING = Pattern.compile("[A-Za-z0-9]+(=[1-9][0-9]{0,8})?");

  @Parameters(
      arity = "0..1",
      paramLabel = "TEMPLATE",
      description = "The template (${DEFAULT-VALUE}).")
  private Path template = Path.of("template.yaml");

  @Option(
      names = {"-p", "--port"},
      paramLabel = "PORT",
      description = "The port to listen on at 127.0.0.1 (${DEFAULT-VALUE}); 0 takes a free port.")
  private int port = 3000;

  @Option(
      names = {"-d", "--data"},
      paramLabel = "FOLDER",
      description = "The folder for rows and messages. By default, they are kept in memory.")
  private @Nullable Path data;

  @Option(
      names = "--base-path",
      paramLabel = "PATH",
      description =
          "Mounts the API under this path, such as /v1, as an API mapping of a custom domain does.")
  private String basePath = "";

  @Option(
      names = "--slashes",
      paramLabel = "match|default",
      description =
          "The route of a path that ends in a slash: the route without the slash (match), or"
              + " $default (default).")
  private String slashes = "match";

  @Option(
      names = "--parameter",
      paramLabel = "NAME=VALUE",
      description = "A value for a parameter of the template. Can be repeated.")
  private Map<String, String> parameters = new LinkedHashMap<>();

  @Option(
      names = "--engine-host",
      paramLabel = "ADDRESS",
      description =
          "The address that DynamoDB and SQS listen on (${DEFAULT-VALUE}). With 0.0.0.0,"
              + " containers can reach them, and so can every other machine.")
  private String engineHost = "127.0.0.1";

  @Option(
      names = "--host",
      paramLabel = "NAME",
      description =
          "A host name by which clients call the API and the engines. Localhost, loopback"
              + " addresses and, with --engine-host, the names that containers use are always"
              + " accepted. Can be repeated.")
  private List<String> hosts = new ArrayList<>();

  @Option(
      names = "--dynamodb-port",
      paramLabel = "PORT",
      description = "The port that DynamoDB listens on; the default 0 takes a free port.")
  private int dynamoDbPort;

  @Option(
      names = "--sqs-port",
      paramLabel = "PORT",
      description = "The port that SQS listens on; the default 0 takes a free port.")
  private int sqsPort;

  @Option(
      names = "--endpoint",
      paramLabel = "URI",
      description = "The endpoint of another DynamoDB and SQS, instead of the embedded engines.")
  private @Nullable URI endpoint;

  @Option(
      names = "--fail",
      paramLabel = "FUNCTION[=TIMES]",
      description =
          "Makes a function fail this many times, or until you turn it off at the page. A consumer"
              + " of background tasks fails at each attempt of a task. Can be repeated.")
  private List<String> failing = new ArrayList<>();

  @Option(
      names = "--logs",
      description =
          "Print all log lines, not only warnings and errors, and whole stack traces, not only the"
              + " project's frames.")
  private boolean logs;

  @Option(
      names = "--no-page",
      description = "Leave the paths under /_local/ to the template's routes.")
  private boolean noPage;

  @Option(
      names = "--no-reload",
      description = "Do not compile and reload changed sources, and do not reload new classes.")
  private boolean noReload;

  @Option(
      names = {"-h", "--help"},
      usageHelp = true,
      description = "Print this help.")
  @SuppressWarnings("UnusedVariable") // Only picocli uses this field.
  private boolean help;

  private Main() {}

  public static void main(String[] args) throws InterruptedException {
    if (Boolean.getBoolean(STOP_WITH_PARENT)) {
      stopWithParent();
    }
    if (!CleanEnvironment.isThere()) {
      System.exit(CleanEnvironment.run(args));
    }
    System.exit(execute(args));
  }

  /**
   * Runs the command in this process. Returns the exit code if the command ends without a run. Once
   * a run has started, this method never returns.
   */
  static int execute(String... args) {
    CommandLine line = new CommandLine(new Main());
    line.setParameterExceptionHandler((wrong, given) -> {
      System.err.println(wrong.getMessage() + " See --help.");
      return CommandLine.ExitCode.USAGE;
    });
    line.setExecutionExceptionHandler((failure, command, result) -> {
      if (failure instanceof TemplateException || failure instanceof LocalRunException) {
        System.err.println(failure.getMessage());
      } else {
        failure.printStackTrace();
      }
      return CommandLine.ExitCode.SOFTWARE;
    });
    return line.execute(args);
  }

  @Override
  public Integer call() throws InterruptedException {
    for (var given :
        Map.of("--port", port, "--dynamodb-port", dynamoDbPort, "--sqs-port", sqsPort).entrySet()) {
      if (given.getValue() < 0 || given.getValue() > 65_535) {
        System.err.println(given.getKey() + " must be between 0 and 65535. See --help.");
        return CommandLine.ExitCode.USAGE;
      }
    }
    if (!basePath.matches("(/[A-Za-z0-9._-]+)*")) {
      System.err.println("--base-path must be a path such as /v1 or /shop/v1. See --help.");
      return CommandLine.ExitCode.USAGE;
    }
    if (!slashes.equals("match") && !slashes.equals("default")) {
      System.err.println("--slashes must be match or default. See --help.");
      return CommandLine.ExitCode.USAGE;
    }
    for (String given : failing) {
      if (!FAILING.matcher(given).matches()) {
        System.err.println(
            "--fail must be a function, such as LogNotifications, or a function and a number, such"
                + " as LogNotifications=2. See --help.");
        return CommandLine.ExitCode.USAGE;
      }
    }
    PrintStream out = System.out;
    StackTraces traces = new StackTraces(ClassFolders.ofClassPath()::hold, logs);
    LogFilter log = new LogFilter(out, logs, traces);
    System.setOut(new PrintStream(log, true, StandardCharsets.UTF_8));
    Console console = new Console(out, colours(), traces);
    LocalRunBuilder builder =
        LocalRun.of(template)
            .port(port)
            .basePath(basePath)
            .slashes(slashes.equals("match") ? Slashes.MATCH : Slashes.DEFAULT)
            .engineHost(engineHost)
            .enginePorts(dynamoDbPort, sqsPort)
            .wholeJvm()
            .environment(Map.of("AWS_SAM_LOCAL", "true")) // as `sam local` sets it
            .stackTraces(traces)
            .listener(console);
    failing.forEach(given -> {
      String[] parts = given.split("=", 2);
      int times = parts.length > 1 ? Integer.parseInt(parts[1]) : InjectedFailures.UNLIMITED;
      builder.failing(parts[0], times);
    });
    parameters.forEach(builder::parameter);
    hosts.forEach(builder::host);
    if (data != null) {
      builder.dataFolder(data);
    }
    if (endpoint != null) {
      builder.endpoint(endpoint);
    }
    if (!noPage) {
      builder.page();
    }
    if (!noReload) {
      builder.reloading(ClassFolders.ofClassPath());
    }
    LocalRun run = builder.start();
    if (!Loopback.isAddress(engineHost)) {
      SamVariables.write(template, run.template().functions(), run.sqsEndpoint());
    }
    Runtime.getRuntime().addShutdownHook(new Thread(run::close, "stop"));
    long started = ManagementFactory.getRuntimeMXBean().getStartTime();
    console.ready(run, template, data, Duration.ofMillis(System.currentTimeMillis() - started));
    new CountDownLatch(1).await();
    return CommandLine.ExitCode.OK;
  }

  /**
   * Makes this process exit when its parent exits, because Maven's {@code exec:exec} would leave it
   * running.
   */
  private static void stopWithParent() {
    for (ProcessHandle parent : ProcessHandle.current().parent().stream().toList()) {
      var _ = parent.onExit().thenRun(() -> System.exit(CommandLine.ExitCode.OK));
    }
  }

  private static boolean colours() {
    return Optional.ofNullable(System.console()).filter(console -> console.isTerminal()).isPresent()
        && System.getenv("NO_COLOR") == null
        && !"dumb".equals(System.getenv("TERM"));
  }
}

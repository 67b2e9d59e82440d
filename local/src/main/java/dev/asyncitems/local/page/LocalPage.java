package dev.asyncitems.local.page;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.asyncitems.local.engine.Engines;
import dev.asyncitems.local.http.Guard;
import dev.asyncitems.local.http.HttpServer;
import dev.asyncitems.local.invocation.InjectedFailures;
import dev.asyncitems.local.invocation.InvocationListener;
import dev.asyncitems.local.invocation.RunListener;
import dev.asyncitems.local.invocation.StackTraces;
import dev.asyncitems.local.template.Queue;
import dev.asyncitems.local.template.Template;
import dev.asyncitems.local.template.TemplateException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.URLDecoder;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import org.eclipse.jetty.http.HttpFields;
import org.eclipse.jetty.io.Content;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;
import software.amazon.awssdk.core.exception.SdkException;

/**
 * The page under {@code /_local/} for watching a run. It serves files, data as JSON and a stream of
 * events, and performs actions. Other requests go to the routes. Thread-safe.
 */
public final class LocalPage extends Handler.Abstract implements AutoCloseable {

  public static final String PREFIX = "/_local/";

  /** The maximum number of concurrent streams. Each browser window has one. */
  static final int STREAMS = 32;

  /** The header that an action requires. No form and no page of another origin can send it. */
  private static final String ACTION = "X-Local-Page";

  private static final Map<String, String> FILES =
      Map.of(
          "", "index.html text/html;charset=utf-8",
          "page.css", "page.css text/css;charset=utf-8",
          "page.js", "page.js text/javascript;charset=utf-8",
          "icon.svg", "icon.svg image/svg+xml");

  private static final String CONTENT_POLICY =
      "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self';"
          + " base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

  private static final Map<String, String> HEADERS =
      Map.of(
          "Content-Security-Policy", CONTENT_POLICY,
          "X-Content-Type-Options", "nosniff",
          "Cross-Origin-Resource-Policy", "same-origin",
          "Cross-Origin-Opener-Policy", "same-origin",
          "Referrer-Policy", "no-referrer",
          "Cache-Control", "no-store");

  private final Template template;
  private final Engines engines;
  private final Changes changes = new Changes();
  private final Invocations invocations;
  private final InjectedFailures failures;
  private final Notices notices;
  private final View view;
  private final Runnable endCapture;
  private final AtomicInteger streams = new AtomicInteger();

  /**
   * Creates a page that records invocations and printed lines until it is closed.
   *
   * @param failures the failures that the page turns on and off
   * @param listener receives the exceptions of streams; other failures are thrown
   * @param basePath the path before the routes' paths, such as {@code /v1}; may be empty
   */
  public LocalPage(
      Template template,
      Engines engines,
      InjectedFailures failures,
      StackTraces traces,
      RunListener listener,
      String basePath) {
    this.template = template;
    this.engines = engines;
    this.failures = failures;
    this.invocations = new Invocations(traces, changes::signal);
    this.notices = new Notices(listener, changes::signal);
    this.view = new View(template, engines, invocations, failures, notices, basePath);
    this.endCapture = PrintedLines.capture(invocations::printed);
  }

  /** Returns whether the template has a route under the page's prefix. */
  public static boolean collidesWith(Template template) {
    return template.routes().stream().anyMatch(route -> (route.path() + "/").startsWith(PREFIX));
  }

  public InvocationListener invocations() {
    return invocations;
  }

  /** Returns a listener that passes all events on to this page's listener, and shows some. */
  public RunListener notices() {
    return notices;
  }

  @Override
  public boolean handle(Request request, Response response, Callback callback) throws Exception {
    String target = HttpServer.target(request);
    int mark = target.indexOf('?');
    String path = mark < 0 ? target : target.substring(0, mark);
    if (!(path + "/").startsWith(PREFIX)) {
      return false;
    }
    HEADERS.forEach((name, value) -> response.getHeaders().put(name, value));
    String method = request.getMethod();
    Optional<String> rejection = rejection(method, request.getHeaders());
    if (rejection.isPresent()) {
      answer(response, callback, 403, rejection.get());
    } else if (!path.startsWith(PREFIX)) {
      response.getHeaders().put("Location", PREFIX);
      answer(response, callback, 308, "");
    } else {
      String[] parts = path.substring(PREFIX.length()).split("/", -1);
      try {
        Map<String, String> query = query(mark < 0 ? "" : target.substring(mark + 1));
        if (method.equals("GET")) {
          get(parts, query, response, callback);
        } else if (method.equals("POST")) {
          post(parts, query, response, callback);
        } else {
          response.getHeaders().put("Allow", "GET, POST");
          answer(response, callback, 405, "This page accepts only GET and POST.");
        }
      } catch (Rejection e) {
        answer(response, callback, e.status(), String.valueOf(e.getMessage()));
      } catch (SdkException e) {
        answer(response, callback, 502, "The engine reports an error: " + e.getMessage());
      }
    }
    return true;
  }

  /** Returns the reason for rejecting a request, if any. Links from other pages are accepted. */
  private static Optional<String> rejection(String method, HttpFields headers) {
    boolean action = !method.equals("GET") && !method.equals("HEAD");
    boolean link = !action && List.of("navigate").equals(headers.getValuesList("Sec-Fetch-Mode"));
    return Guard.LOOPBACK
        .host(Guard.values(headers))
        .or(() -> link ? Optional.empty() : Guard.site(Guard.values(headers)))
        .or(() ->
            action && headers.get(ACTION) == null
                ? Optional.of("An action needs the header " + ACTION + ".")
                : Optional.empty());
  }

  private static Map<String, String> query(String text) {
    Map<String, String> query = new HashMap<>();
    for (String part : text.split("&", -1)) {
      int equals = part.indexOf('=');
      if (equals > 0) {
        String name = part.substring(0, equals);
        try {
          query.put(name, URLDecoder.decode(part.substring(equals + 1), UTF_8));
        } catch (IllegalArgumentException e) {
          throw Rejection.badRequest(
              "The value of the parameter " + name + " is not percent-encoded correctly.");
        }
      }
    }
    return query;
  }

  private void get(String[] parts, Map<String, String> query, Response response, Callback callback)
      throws IOException {
    String file = FILES.get(parts[0]);
    if (parts.length == 1 && parts[0].equals("events")) {
      stream(response, callback);
    } else if (parts.length == 1 && file != null) {
      file(file, response, callback);
    } else if (parts.length == 2) {
      String json =
          switch (parts[0]) {
            case "functions" -> view.function(known(template::function, parts[1]));
            case "queues" -> view.queue(known(template::queue, parts[1]));
            case "tables" ->
                view.table(
                    known(template::table, parts[1]),
                    query.getOrDefault("filter", ""),
                    query.getOrDefault("page", "1"));
            default -> throw Rejection.notFound();
          };
      write(response, callback, "application/json", json.getBytes(UTF_8));
    } else {
      throw Rejection.notFound();
    }
  }

  /** Returns the template's resource with this logical id, or throws a {@link Rejection}. */
  private static <T> T known(Function<String, T> found, String id) {
    try {
      return found.apply(id);
    } catch (TemplateException e) {
      throw Rejection.notFound();
    }
  }

  private void post(
      String[] parts, Map<String, String> query, Response response, Callback callback) {
    if (parts.length != 3) {
      throw Rejection.notFound();
    }
    switch (parts[0]) {
      case "functions" -> {
        String id = known(template::function, parts[1]).id();
        answer(response, callback, 200, turn(id, parts[2]));
      }
      case "queues" -> {
        Queue queue = known(template::queue, parts[1]);
        change(queue, parts[2], query, response, callback);
      }
      default -> throw Rejection.notFound();
    }
    changes.signal();
  }

  /** Turns injected failures of a function on or off, and returns a sentence about it. */
  private String turn(String functionId, String action) {
    return switch (action) {
      case "fail" -> {
        failures.turnOn(functionId, InjectedFailures.UNLIMITED);
        yield functionId + " fails from now on.";
      }
      case "recover" -> {
        failures.turnOff(functionId);
        yield functionId + " no longer fails.";
      }
      default -> throw Rejection.notFound();
    };
  }

  private void change(
      Queue queue, String action, Map<String, String> query, Response response, Callback callback) {
    switch (action) {
      case "purge" -> {
        engines.purge(queue);
        view.purged(queue);
        answer(response, callback, 200, queue.id() + " is empty.");
      }
      case "replay" -> {
        Queue to = known(template::queue, query.getOrDefault("to", ""));
        if (!view.sources(queue).contains(to)) {
          throw Rejection.notFound();
        }
        replay(queue, to, Optional.ofNullable(query.get("message")), response, callback);
      }
      default -> throw Rejection.notFound();
    }
  }

  private void replay(
      Queue queue, Queue to, Optional<String> message, Response response, Callback callback) {
    ReplayReport report = new Replay(engines.sqsClient()).move(queue, to, message);
    int moved = report.moved();
    if (moved == 0) {
      answer(
          response,
          callback,
          409,
          "No message was moved. The queue no longer has it, or another receiver holds it: try"
              + " again later.");
    } else {
      view.show(report);
      String subject = moved == 1 ? "1 message is" : moved + " messages are";
      answer(response, callback, 200, subject + " in " + to.id() + " again.");
    }
  }

  private static void file(String file, Response response, Callback callback) throws IOException {
    int space = file.indexOf(' ');
    try (InputStream in = LocalPage.class.getResourceAsStream(file.substring(0, space))) {
      if (in == null) {
        throw new IOException("The resource " + file + " is missing.");
      }
      write(response, callback, file.substring(space + 1), in.readAllBytes());
    }
  }

  private static void answer(Response response, Callback callback, int status, String sentence) {
    response.setStatus(status);
    write(response, callback, "text/plain;charset=utf-8", sentence.getBytes(UTF_8));
  }

  private static void write(Response response, Callback callback, String type, byte[] body) {
    response.getHeaders().put("Content-Type", type);
    response.write(true, ByteBuffer.wrap(body), callback);
  }

  /**
   * Sends events until one side closes the connection. May block, because its thread is virtual.
   */
  private void stream(Response response, Callback callback) {
    if (streams.incrementAndGet() > STREAMS) {
      streams.decrementAndGet();
      answer(response, callback, 503, "Too many browser windows show this page: close one.");
      return;
    }
    response.getHeaders().put("Content-Type", "text/event-stream");
    try (OutputStream out = Content.Sink.asOutputStream(response)) {
      write(out, "retry: 1000\n\n");
      String sent = "";
      while (!changes.isClosed() && !Thread.currentThread().isInterrupted()) {
        long seen = changes.number();
        String now = view.overview();
        // Without news, an SSE comment tests whether the connection is still open.
        write(out, now.equals(sent) ? ":\n\n" : "event: overview\ndata: " + now + "\n\n");
        sent = now;
        changes.await(seen);
      }
      callback.succeeded();
    } catch (IOException e) { // The window was closed.
      callback.failed(e);
      // No other handler reports the failure, because the response has begun.
    } catch (RuntimeException e) {
      notices.failed("The page's stream", "-", e);
      callback.failed(e);
    } finally {
      streams.decrementAndGet();
    }
  }

  private static void write(OutputStream out, String text) throws IOException {
    out.write(text.getBytes(UTF_8));
    out.flush();
  }

  @Override
  public void close() {
    changes.close();
    endCapture.run();
  }
}

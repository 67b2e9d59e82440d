package dev.asyncitems.function;

import dev.asyncitems.http.Preconditions;
import dev.asyncitems.http.Problem;
import dev.asyncitems.http.ProblemException;
import dev.asyncitems.http.ProblemType;
import dev.asyncitems.http.Reply;
import dev.asyncitems.http.Request;
import dev.asyncitems.lambda.Log;
import dev.asyncitems.metric.Contention;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.regex.Pattern;

/**
 * {@code GET /openapi.json}, {@code /docs} and {@code /problems/{type}}: serves the contract, a
 * page to read and try it, and a page for each problem type. The build prepares these files.
 */
public final class GetDocs extends HttpFunction {
  private static final String FOLDER = "/docs/";

  /** The policy by which pages load files only from their own origin. */
  private static final String CONTENT_SECURITY_POLICY =
      "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob: data:;"
          + " connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

  private static final Map<String, String> TYPES =
      Map.of(
          "html", "text/html; charset=utf-8",
          "css", "text/css; charset=utf-8",
          "js", "text/javascript; charset=utf-8",
          "txt", "text/plain; charset=utf-8",
          "json", "application/json",
          "png", "image/png");

  /** The form of {@code file} in {@code GET /docs/{file}}. */
  private static final Pattern PART = Pattern.compile("[A-Za-z0-9_.-]+\\.(css|js|txt|png)");

  /** The entity tag of each file, without quotes. */
  private final Map<String, String> tags = new HashMap<>();

  public GetDocs() {
    this(System.getenv(), Clock.systemUTC());
  }

  public GetDocs(Map<String, String> environment, Clock clock) {
    super(Log.of(GetDocs.class, environment, new Contention(), clock));
    new String(read("files.txt"), StandardCharsets.US_ASCII)
        .lines()
        .map(line -> line.split(" ", 2))
        .forEach(file -> tags.put(file[0], file[1]));
  }

  @Override
  CompletableFuture<Reply> answer(Request request) {
    return CompletableFuture.completedFuture(
        switch (request.route()) {
          case "GET /openapi.json" -> file("openapi.json", "no-cache", request);
          // At /docs/, the page's relative URLs would lead to the wrong folder.
          case "GET /docs" ->
              request.path().endsWith("/")
                  ? Reply.redirect("/docs", request)
                  : page(request.isOpen() ? "open.html" : "index.html", request);
          case "GET /docs/{file}" -> part(request.pathParameter("file"), request);
          case "GET /problems/{type}" ->
              page("problems/" + request.pathParameter("type") + ".html", request);
          default -> throw new IllegalStateException("unexpected route " + request.route());
        });
  }

  private Reply part(String name, Request request) {
    return file(PART.matcher(name).matches() ? name : "", "public, max-age=3600", request);
  }

  private Reply page(String name, Request request) {
    Reply reply = file(name, "no-cache", request);
    return reply.status() == 304
        ? reply
        : reply
            .with("Content-Security-Policy", CONTENT_SECURITY_POLICY)
            .with("Referrer-Policy", "no-referrer");
  }

  private Reply file(String name, String cacheControl, Request request) {
    String tag = tags.get(name);
    if (tag == null) {
      throw new ProblemException(
          Problem.of(
              ProblemType.NOT_FOUND, "No documentation file or problem type has this name."));
    }
    return request.read(input -> {
      Preconditions preconditions = input.preconditions();
      boolean gzip = input.acceptsGzip();
      return () -> file(name, tag, cacheControl, preconditions, gzip);
    });
  }

  private static Reply file(
      String name, String tag, String cacheControl, Preconditions preconditions, boolean gzip) {
    // Each encoding has its own tag, since strong entity tags identify bytes (RFC 9110, 8.8.3.3).
    String encodedTag = gzip ? tag + "-gzip" : tag;
    Map<String, String> headers =
        Map.of(
            "ETag",
            "\"" + encodedTag + "\"",
            "Cache-Control",
            cacheControl,
            "Vary",
            "Accept-Encoding");
    if (preconditions.notModified(encodedTag)) {
      return Reply.empty(304).with(headers);
    }
    String type = Objects.requireNonNull(TYPES.get(name.substring(name.lastIndexOf('.') + 1)));
    Reply reply =
        Reply.of(200, type, read(gzip ? name + ".gz" : name))
            .with(headers)
            .with("X-Content-Type-Options", "nosniff");
    return gzip ? reply.with("Content-Encoding", "gzip") : reply;
  }

  private static byte[] read(String name) {
    try (InputStream file =
        Objects.requireNonNull(GetDocs.class.getResourceAsStream(FOLDER + name), name)) {
      return file.readAllBytes();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}

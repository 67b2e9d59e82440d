package dev.asyncitems.artifact;

import static java.util.Objects.requireNonNull;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.lang.reflect.Proxy;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.zip.ZipInputStream;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** A deployed zip. Its functions see only the contents of the zip and the JDK, not the tests. */
final class Zip {
  static final JsonMapper JSON = new JsonMapper();

  private final URLClassLoader loader;
  private final Map<String, AutoCloseable> started = new HashMap<>();

  private Zip(URLClassLoader loader) {
    this.loader = loader;
  }

  /** Unpacks a zip: classes at its root, jars and native libraries in {@code lib/}. */
  static Zip unpacked(Path zip, Path folder) throws IOException {
    Files.createDirectories(folder);
    List<URL> urls = new ArrayList<>(List.of(folder.toUri().toURL()));
    try (var entries = new ZipInputStream(Files.newInputStream(zip))) {
      for (var entry = entries.getNextEntry(); entry != null; entry = entries.getNextEntry()) {
        Path file = folder.resolve(entry.getName());
        if (entry.isDirectory()) {
          Files.createDirectories(file);
        } else {
          Files.createDirectories(file.resolveSibling(""));
          Files.copy(entries, file);
          if (entry.getName().endsWith(".jar")) {
            urls.add(file.toUri().toURL());
          }
        }
      }
    }
    return new Zip(
        new URLClassLoader(
            zip.toString(), urls.toArray(URL[]::new), ClassLoader.getPlatformClassLoader()) {
          // Lambda adds lib/ to LD_LIBRARY_PATH ("Using Lambda environment variables").
          @Override
          protected String findLibrary(String name) {
            return folder.resolve("lib").resolve(System.mapLibraryName(name)).toString();
          }
        });
  }

  /** Returns whether the zip contains a class. */
  boolean has(Class<?> type) {
    return loader.getResource(type.getName().replace('.', '/') + ".class") != null;
  }

  /**
   * Calls a function with one event after the other and returns its answers. The first call starts
   * the function with this environment.
   */
  List<JsonNode> invoke(String handler, Map<String, String> environment, List<byte[]> events)
      throws Exception {
    Thread thread = Thread.currentThread();
    ClassLoader before = thread.getContextClassLoader();
    thread.setContextClassLoader(loader);
    try {
      if (!started.containsKey(handler)) {
        started.put(handler, start(handler, environment));
      }
      List<JsonNode> answers = new ArrayList<>();
      for (byte[] event : events) {
        answers.add(invoke(requireNonNull(started.get(handler)), event));
      }
      return answers;
    } finally {
      thread.setContextClassLoader(before);
    }
  }

  private AutoCloseable start(String handler, Map<String, String> environment) throws Exception {
    Class<?> type = Class.forName(handler, true, loader);
    if (!Objects.equals(type.getClassLoader(), loader)) {
      throw new IllegalStateException(handler + " is not of the zip");
    }
    return type.asSubclass(AutoCloseable.class)
        .getConstructor(Map.class, Clock.class)
        .newInstance(environment, Clock.systemUTC());
  }

  private JsonNode invoke(Object function, byte[] event) throws Exception {
    Class<?> contextType = loader.loadClass("com.amazonaws.services.lambda.runtime.Context");
    Object context =
        Proxy.newProxyInstance(
            loader,
            new Class<?>[] {contextType},
            (proxy, method, arguments) ->
                switch (method.getName()) {
                  case "getAwsRequestId" -> "start";
                  case "getRemainingTimeInMillis" -> 10_000;
                  case "getXrayTraceId" -> "Root=1-5759e988-bd862e3fe1be46a994272793;Sampled=0";
                  default -> throw new UnsupportedOperationException(method.getName());
                });
    var answer = new ByteArrayOutputStream();
    loader
        .loadClass("com.amazonaws.services.lambda.runtime.RequestStreamHandler")
        .getMethod("handleRequest", InputStream.class, OutputStream.class, contextType)
        .invoke(function, new ByteArrayInputStream(event), answer, context);
    return JSON.readTree(answer.toByteArray());
  }

  /** Closes all functions that were started. */
  void close() throws Exception {
    for (AutoCloseable function : started.values()) {
      function.close();
    }
    loader.close();
  }
}

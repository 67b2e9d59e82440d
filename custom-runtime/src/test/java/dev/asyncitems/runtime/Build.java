package dev.asyncitems.runtime;

import dev.asyncitems.local.LocalRun;
import dev.asyncitems.local.template.Function;
import dev.asyncitems.runtime.Samples.Sample;
import java.io.IOException;
import java.lang.classfile.ClassFile;
import java.lang.classfile.ClassTransform;
import java.lang.classfile.CodeTransform;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.spi.ToolProvider;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import java.util.zip.ZipOutputStream;

/**
 * Builds the parts of the zip that Maven can't: the Java runtime, by jlink, and the AOT cache. A
 * training run in that runtime calls all functions, on the engines of the local run.
 *
 * <p>Arguments: the template, the sample events, the task's folder with the jar and the native
 * libraries, the folder of {@link TrainingFunction}, the jar's time.
 */
public final class Build {
  /** The modules that the functions use. {@code CustomRuntimeIT} calls all functions with them. */
  private static final String MODULES = "java.base,java.logging,java.management,jdk.unsupported";

  /**
   * The number of calls of each function. The JVM links and profiles code only after several calls.
   */
  private static final int ROUNDS = 5;

  private Build() {}

  public static void main(String[] args) throws IOException, InterruptedException {
    Path task = Path.of(args[2]);
    FileTime time = FileTime.from(Instant.parse(args[4]));
    jlink(task.resolve("jre"));
    Optional<String> fault = Natives.fault(task);
    if (fault.isPresent()) {
      System.err.println(fault.get());
      System.exit(1);
    }
    Path jar = task.resolve("lib/functions.jar");
    dropVariables(jar);
    Files.setLastModifiedTime(jar, time);
    Files.writeString(task.resolve("lib/functions.time"), time.toInstant().getEpochSecond() + "\n");
    try (LocalRun run = run(Path.of(args[0]))) {
      Samples samples = new Samples(run.template(), Path.of(args[1]));
      train(task, Path.of(args[3]), environment(run), samples);
    }
  }

  /** Starts the template's engines and functions, without its triggers. */
  static LocalRun run(Path template) {
    return LocalRun.of(template)
        .parameter("Access", "open")
        .withoutFront()
        .withoutPollers()
        .start();
  }

  private static void jlink(Path jre) throws IOException {
    if (Files.exists(jre)) {
      try (Stream<Path> old = Files.walk(jre)) {
        for (Path path : old.sorted(java.util.Comparator.reverseOrder()).toList()) {
          Files.delete(path);
        }
      }
    }
    int status =
        ToolProvider.findFirst("jlink")
            .orElseThrow()
            .run(
                System.out,
                System.err,
                "--add-modules=" + MODULES,
                "--strip-debug",
                "--no-header-files",
                "--no-man-pages",
                "--output=" + jre);
    if (status != 0) {
      throw new IllegalStateException("jlink failed");
    }
  }

  /**
   * Drops the names of variables from a jar's classes, which the cache would hold. The lines of
   * stack traces stay.
   */
  private static void dropVariables(Path jar) throws IOException {
    ClassFile format = ClassFile.of(ClassFile.DebugElementsOption.DROP_DEBUG);
    ClassTransform copy = ClassTransform.transformingMethodBodies(CodeTransform.ACCEPT_ALL);
    Path written = jar.resolveSibling("written.jar");
    try (ZipFile in = new ZipFile(jar.toFile());
        ZipOutputStream out = new ZipOutputStream(Files.newOutputStream(written))) {
      for (ZipEntry entry : Collections.list(in.entries())) {
        byte[] content = in.getInputStream(entry).readAllBytes();
        ZipEntry kept = new ZipEntry(entry.getName());
        kept.setTimeLocal(entry.getTimeLocal());
        out.putNextEntry(kept);
        out.write(
            entry.getName().endsWith(".class")
                ? format.transformClass(format.parse(content), copy)
                : content);
      }
    }
    Files.move(written, jar, StandardCopyOption.REPLACE_EXISTING);
  }

  /** Returns the variables of all functions together. No two functions use a name differently. */
  private static Map<String, String> environment(LocalRun run) {
    Map<String, String> all = new HashMap<>();
    for (Function function : run.template().functions()) {
      all.putAll(run.environment(function.id()));
    }
    return all;
  }

  private static void train(
      Path task, Path trainingFunction, Map<String, String> environment, Samples samples)
      throws IOException, InterruptedException {
    Path lib = task.resolve("lib");
    Files.deleteIfExists(lib.resolve("functions.aot"));
    List<String> command =
        new ArrayList<>(
            List.of(task.resolve("jre/bin/java").toString(), "@" + task.resolve("jvm.options")));
    command.addAll(
        List.of(
            "-XX:AOTCacheOutput=" + lib.resolve("functions.aot"),
            "-Djava.library.path=" + lib,
            "-Dcom.amazonaws.services.lambda.runtime.api.client.runtimeapi.NativeClient.JNI="
                + lib.resolve("libaws-lambda-jni.so"),
            "-classpath",
            lib.resolve("functions.jar").toString(),
            Start.class.getName(),
            TrainingFunction.class.getName()));
    ProcessBuilder builder =
        new ProcessBuilder(command).directory(trainingFunction.toFile()).inheritIO();
    builder.environment().clear();
    builder.environment().putAll(environment);
    builder
        .environment()
        .putAll(
            Map.of(
                "LAMBDA_TASK_ROOT", trainingFunction.toString(),
                "AWS_LAMBDA_FUNCTION_NAME", "training",
                "AWS_LAMBDA_FUNCTION_VERSION", "1",
                "AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "1024",
                "AWS_LAMBDA_LOG_FORMAT", "JSON",
                "AWS_LAMBDA_LOG_LEVEL", "INFO"));
    try (RuntimeApi api = new RuntimeApi()) {
      builder.environment().put("AWS_LAMBDA_RUNTIME_API", api.address());
      Process process = builder.start();
      try {
        for (int round = 0; round < ROUNDS; round++) {
          for (Sample sample : samples.all()) {
            String event = sample.function().handler() + "\n" + samples.read(sample);
            samples.answered(sample, api.invoke(event.getBytes(StandardCharsets.UTF_8)));
          }
        }
        // The JVM writes the cache in an orderly shutdown, such as by SIGTERM.
        process.destroy();
        process.waitFor();
      } finally {
        process.destroyForcibly();
      }
    }
    if (!Files.exists(lib.resolve("functions.aot"))) {
      throw new IllegalStateException("the training run left no cache");
    }
  }
}

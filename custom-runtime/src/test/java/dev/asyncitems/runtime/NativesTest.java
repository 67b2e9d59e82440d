package dev.asyncitems.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.InstanceOfAssertFactories.STRING;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Checks native files that are copies of a real library. Some need another version than the library
 * does. No test depends on the JDK of this machine.
 */
final class NativesTest {
  /** The newest version that the library needs. */
  private static final String NEEDED = "GLIBC_2.14";

  @TempDir private Path task;

  @BeforeEach
  void packJava() throws IOException {
    write("jre/bin/java", library("x86_64"));
    write("jre/lib/modules", "not a native file".getBytes(StandardCharsets.US_ASCII));
  }

  @Test
  void acceptsWhatAmazonLinuxHas() throws IOException {
    write("jre/lib/server/libjvm.so", needing("GLIBC_2.34"));
    assertThat(Natives.fault(task)).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"GLIBC_2.35", "GLIBC_2.99", "GLIBC_3.0", "GLIBC_ABI"})
  void namesTheFileTheVersionAndTheRemedy(String version) throws IOException {
    write("jre/lib/server/libjvm.so", needing(version));
    assertThat(Natives.fault(task))
        .get(STRING)
        .startsWith(
            "jre/lib/server/libjvm.so needs " + version + ", but provided.al2023 has glibc 2.34.")
        .contains("Eclipse Temurin 25", "Amazon Corretto 25", "JAVA25_HOME");
  }

  @Test
  void checksTheProgramItself() throws IOException {
    write("jre/bin/java", needing("GLIBC_2.38"));
    assertThat(Natives.fault(task)).get(STRING).startsWith("jre/bin/java needs GLIBC_2.38");
  }

  @Test
  void rejectsAnotherProcessor() throws IOException {
    write("lib/libaws-lambda-jni.so", library("aarch_64"));
    assertThat(Natives.fault(task))
        .get(STRING)
        .startsWith("lib/libaws-lambda-jni.so and jre/bin/java are for different processors")
        .contains("-Dcrt.platform=linux-aarch_64");
  }

  @Test
  void rejectsAProgramForAnotherSystem() throws IOException {
    byte[] machO = {(byte) 0xcf, (byte) 0xfa, (byte) 0xed, (byte) 0xfe};
    write("jre/bin/java", machO);
    assertThat(Natives.fault(task))
        .get(STRING)
        .startsWith("jre/bin/java is not a program for Linux");
  }

  private void write(String name, byte[] content) throws IOException {
    Path file = task.resolve(name);
    Files.createDirectories(file.getParent());
    Files.write(file, content);
  }

  private static byte[] library(String processor) throws IOException {
    String name = "/jni/libaws-lambda-jni.linux-" + processor + ".so";
    try (InputStream in = NativesTest.class.getResourceAsStream(name)) {
      return Objects.requireNonNull(in, name).readAllBytes();
    }
  }

  private static byte[] needing(String version) throws IOException {
    String content = new String(library("x86_64"), StandardCharsets.ISO_8859_1);
    assertThat(content).contains(NEEDED + "\0");
    String padded = (version + "\0".repeat(NEEDED.length())).substring(0, NEEDED.length());
    return content.replace(NEEDED + "\0", padded + "\0").getBytes(StandardCharsets.ISO_8859_1);
  }
}

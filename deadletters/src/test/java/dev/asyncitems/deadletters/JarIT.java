package dev.asyncitems.deadletters;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.DataInputStream;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.jar.JarFile;
import java.util.zip.ZipEntry;
import org.junit.jupiter.api.Test;

/** The contents of the command's jar. */
final class JarIT {
  /** The version of class files for Java 17. */
  private static final int JAVA_17 = 61;

  @Test
  void containsOnlyTheNeededClassesAndRunsOnJava17() throws IOException {
    try (JarFile jar = new JarFile(Path.of("target", "dead-letters.jar").toFile())) {
      List<ZipEntry> ours =
          jar.stream()
              .filter(entry -> entry.getName().matches("dev/asyncitems/.*\\.class"))
              .<ZipEntry>map(entry -> entry)
              .toList();
      assertThat(ours)
          .extracting(entry -> entry.getName().replaceAll("dev/asyncitems/|(\\$.*)?\\.class", ""))
          .filteredOn(name -> !name.startsWith("deadletters/"))
          .containsOnly(
              "json/Json",
              "json/JsonCodec",
              "json/package-info",
              "local/engine/SdkNames",
              "message/TaskMessage",
              "message/package-info",
              "value/Times",
              "value/UuidV7");
      for (ZipEntry entry : ours) {
        try (DataInputStream in = new DataInputStream(jar.getInputStream(entry))) {
          in.readInt();
          in.readUnsignedShort();
          assertThat(in.readUnsignedShort()).as(entry.getName()).isEqualTo(JAVA_17);
        }
      }
    }
  }
}

package dev.asyncitems.runtime;

import java.io.IOException;
import java.lang.module.ModuleDescriptor.Version;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.channels.FileChannel.MapMode;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * The native files of the zip: programs and shared libraries in the ELF format. Reads the versions
 * of glibc that they need, as {@code readelf --version-info} prints them. So a JDK that Lambda
 * can't run fails the build, and not the functions.
 */
final class Natives {
  /**
   * The glibc of Amazon Linux 2023, and so of {@code provided.al2023}, which never gets another.
   */
  private static final Version GLIBC = Version.parse("2.34");

  private static final String JAVA = "jre/bin/java";

  /** How an ELF file begins. */
  private static final int MAGIC = 0x7f454c46;

  /** A file of 64 bits, little-endian, as for both of Lambda's processors. */
  private static final short FORMAT = 0x0201;

  /** The type of the section with the versions that a file needs ("Linux Standard Base"). */
  private static final int SHT_GNU_VERNEED = 0x6ffffffe;

  private Natives() {}

  /**
   * Returns why a zip's native files would not run on {@code provided.al2023}, and what to do, or
   * empty if they would.
   *
   * @param task the contents of the zip
   */
  static Optional<String> fault(Path task) throws IOException {
    Optional<ByteBuffer> java = elf(task.resolve(JAVA));
    if (java.isEmpty()) {
      return Optional.of(JAVA + " is not a program for Linux: build for provided.al2023 on Linux.");
    }
    List<Path> files;
    try (Stream<Path> all = Files.walk(task)) {
      files = all.filter(Files::isRegularFile).sorted().toList();
    }
    for (Path file : files) {
      Optional<ByteBuffer> elf = elf(file);
      if (elf.isEmpty()) {
        continue;
      }
      String name = task.relativize(file).toString();
      if (processor(elf.get()) != processor(java.get())) {
        return Optional.of(
            name
                + " and "
                + JAVA
                + " are for different processors: build for provided.al2023 on the functions'"
                + " architecture, and on arm64 with -Dcrt.platform=linux-aarch_64.");
      }
      Optional<String> missing =
          neededVersions(elf.get()).stream().filter(version -> !isThere(version)).findFirst();
      if (missing.isPresent()) {
        return Optional.of(
            name
                + " needs "
                + missing.get()
                + ", but provided.al2023 has glibc "
                + GLIBC
                + ". The zip needs a JDK for older systems, such as Eclipse Temurin 25 or Amazon"
                + " Corretto 25 for Linux: install it, and set JAVA25_HOME to its folder.");
      }
    }
    return Optional.empty();
  }

  /**
   * Returns whether {@code provided.al2023} has a version. Those of other libraries are not
   * checked. Those of glibc without a number, such as {@code GLIBC_ABI_DT_RELR}, are newer.
   */
  private static boolean isThere(String name) {
    if (!name.startsWith("GLIBC_")) {
      return true;
    }
    String version = name.substring("GLIBC_".length());
    return version.matches("[0-9.]+") && Version.parse(version).compareTo(GLIBC) <= 0;
  }

  /** Returns the content of an ELF file, or empty for any other file. */
  private static Optional<ByteBuffer> elf(Path file) throws IOException {
    try (FileChannel channel = FileChannel.open(file)) {
      ByteBuffer content = channel.map(MapMode.READ_ONLY, 0, channel.size());
      return content.limit() >= 64 && content.getInt(0) == MAGIC && content.getShort(4) == FORMAT
          ? Optional.of(content.order(ByteOrder.LITTLE_ENDIAN))
          : Optional.empty();
    }
  }

  private static short processor(ByteBuffer elf) {
    return elf.getShort(18);
  }

  /** Returns the names of the versions that a file needs of each library. */
  private static List<String> neededVersions(ByteBuffer elf) {
    List<String> versions = new ArrayList<>();
    for (int i = 0; i < elf.getShort(60); i++) {
      int section = section(elf, i);
      if (elf.getInt(section + 4) != SHT_GNU_VERNEED) {
        continue;
      }
      int names = offset(elf, section(elf, elf.getInt(section + 40)));
      int library = offset(elf, section);
      for (int libraries = elf.getInt(section + 44); libraries > 0; libraries--) {
        int version = library + elf.getInt(library + 8);
        for (int count = elf.getShort(library + 2); count > 0; count--) {
          versions.add(text(elf, names + elf.getInt(version + 8)));
          version += elf.getInt(version + 12);
        }
        library += elf.getInt(library + 12);
      }
    }
    return versions;
  }

  /** Returns where the header of a section is. */
  private static int section(ByteBuffer elf, int index) {
    return (int) elf.getLong(40) + index * elf.getShort(58);
  }

  /** Returns where the content of a section is. */
  private static int offset(ByteBuffer elf, int section) {
    return (int) elf.getLong(section + 24);
  }

  private static String text(ByteBuffer elf, int begin) {
    int end = begin;
    while (elf.get(end) != 0) {
      end++;
    }
    byte[] bytes = new byte[end - begin];
    elf.get(begin, bytes);
    return new String(bytes, StandardCharsets.US_ASCII);
  }
}

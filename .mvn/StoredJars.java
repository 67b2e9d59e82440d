import java.io.IOException;
import java.lang.classfile.ClassFile;
import java.lang.classfile.ClassTransform;
import java.lang.classfile.CodeTransform;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import java.util.zip.ZipOutputStream;

/**
 * A program that writes jars again with uncompressed entries, and native libraries beside them. So
 * a start inflates no class and unpacks no library. The zip that holds the jars also compresses
 * better. Every entry keeps its name, time and place, and its bytes, except that classes lose the
 * names of variables, which each start would load. The lines of stack traces stay. Entries that
 * only builds read are left out: POMs and settings for native images.
 *
 * <p>The first argument is the folder to write to, whose files are replaced. The second is a class
 * path with the jars. The others are names of jars to leave out, without versions. The build runs
 * it as a source file.
 */
final class StoredJars {
  private static final List<String> OF_BUILDS =
      List.of("META-INF/maven/", "META-INF/native-image/");

  private StoredJars() {}

  public static void main(String... arguments) throws IOException {
    Path folder = Files.createDirectories(Path.of(arguments[0]));
    List<String> leftOut = List.of(arguments).subList(2, arguments.length);
    try (var old = Files.list(folder)) {
      for (Path file : old.toList()) {
        Files.delete(file);
      }
    }
    for (String part : arguments[1].split(System.getProperty("path.separator"))) {
      Path jar = Path.of(part);
      String name = jar.getFileName().toString();
      if (name.endsWith(".jar") && !leftOut.contains(name.replaceFirst("-[0-9][^-]*\\.jar$", ""))) {
        store(jar, folder);
      }
    }
  }

  private static void store(Path jar, Path folder) throws IOException {
    Path stored = folder.resolve(jar.getFileName());
    try (var in = new ZipFile(jar.toFile());
        var out = new ZipOutputStream(Files.newOutputStream(stored))) {
      for (ZipEntry entry : Collections.list(in.entries())) {
        if (OF_BUILDS.stream().anyMatch(entry.getName()::startsWith)) {
          continue;
        }
        byte[] content = in.getInputStream(entry).readAllBytes();
        if (entry.getName().endsWith(".so")) {
          Files.write(folder.resolve(Path.of(entry.getName()).getFileName()), content);
          continue;
        }
        if (entry.getName().endsWith(".class")) {
          content = withoutVariables(content);
        }
        var crc = new CRC32();
        crc.update(content);
        var copy = new ZipEntry(entry.getName());
        copy.setTimeLocal(entry.getTimeLocal());
        copy.setMethod(ZipEntry.STORED);
        copy.setSize(content.length);
        copy.setCrc(crc.getValue());
        out.putNextEntry(copy);
        out.write(content);
      }
    }
  }

  private static byte[] withoutVariables(byte[] content) {
    var format = ClassFile.of(ClassFile.DebugElementsOption.DROP_DEBUG);
    return format.transformClass(
        format.parse(content), ClassTransform.transformingMethodBodies(CodeTransform.ACCEPT_ALL));
  }
}

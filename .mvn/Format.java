import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.spi.ToolProvider;
import java.util.stream.Stream;

/**
 * Checks (or, told {@code write}, mends) the format of every Java file of the project. The build
 * runs it as a source file on the JDK it compiles with, since the formatter parses with the JDK
 * that it runs on; google-java-format is on the class path.
 */
final class Format {
  private static final Set<String> LEFT_OUT = Set.of("target", ".git", ".idea");

  public static void main(String... arguments) throws IOException {
    var mode = arguments.length == 1 ? arguments[0] : "";
    if (!mode.equals("check") && !mode.equals("write")) {
      System.err.printf("-Dformat is \"%s\"; it must be check or write.%n", mode);
      System.exit(2);
    }
    var files = javaFiles(Path.of(""));
    var formatter = ToolProvider.findFirst("google-java-format").orElseThrow();
    var output = new StringWriter();
    var faults = new StringWriter();
    var options = mode.equals("write") ? Stream.of("--replace") : Stream.of("--dry-run");
    int status =
        formatter.run(
            new PrintWriter(output),
            new PrintWriter(faults),
            Stream.concat(options, files.stream()).toArray(String[]::new));
    if (status != 0) {
      System.err.printf("The formatter cannot read these files:%n%s", faults);
      System.exit(1);
    }
    var misformatted = output.toString().lines().sorted().toList();
    if (!misformatted.isEmpty()) {
      System.err.printf(
          "Not in google-java-format, which `mvn -N -q test -Dformat=write` mends:%n  %s%n",
          String.join(System.lineSeparator() + "  ", misformatted));
      System.exit(1);
    }
  }

  private static List<String> javaFiles(Path root) throws IOException {
    var files = new ArrayList<String>();
    Files.walkFileTree(
        root,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult preVisitDirectory(Path folder, BasicFileAttributes attributes) {
            return LEFT_OUT.contains(folder.getFileName().toString())
                ? FileVisitResult.SKIP_SUBTREE
                : FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
            if (file.toString().endsWith(".java")) {
              files.add(file.toString());
            }
            return FileVisitResult.CONTINUE;
          }
        });
    return files;
  }

  private Format() {}
}

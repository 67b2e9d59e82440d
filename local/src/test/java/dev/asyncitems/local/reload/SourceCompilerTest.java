package dev.asyncitems.local.reload;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.List;
import java.util.Map;
import javax.tools.JavaCompiler;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SourceCompilerTest {

  private static final String USED =
      """
      package p;
      class Used {
        static final int LIMIT = 1;
        private static int hidden() { return 1; }
        static int value() { return hidden(); }
        public void run() {}
      }
      """;

  private static final JavaCompiler JAVAC = ToolProvider.getSystemJavaCompiler();

  @TempDir Path folder;

  private Path sources;
  private Path classes;
  private SourceCompiler compiler;

  @BeforeEach
  void build() throws Exception {
    sources = Files.createDirectories(folder.resolve("src/main/java"));
    classes = Files.createDirectories(folder.resolve("target/classes"));
    compiler = new SourceCompiler(new ClassFolders(List.of(classes)), JAVAC);
    Path used = write("Used", USED);
    Path user =
        write(
            "User", "package p; class User { int value() { return Used.value() + Used.LIMIT; } }");
    Path info = write("package-info", "package p;");
    build(used, user);
    Files.setLastModifiedTime(info, FileTime.fromMillis(0));
  }

  private void build(Path used, Path user) throws IOException {
    int failed =
        JAVAC.run(null, null, null, "-d", classes.toString(), used.toString(), user.toString());
    assertThat(failed).isZero();
    Files.setLastModifiedTime(used, FileTime.fromMillis(0));
    Files.setLastModifiedTime(user, FileTime.fromMillis(0));
  }

  private Path write(String name, String text) throws IOException {
    Path file = sources.resolve("p").resolve(name + ".java");
    Files.createDirectories(file.resolveSibling(""));
    return Files.writeString(file, text);
  }

  /** Changes a source. A file system may store times in whole seconds. */
  private void change(String name, String text) throws IOException {
    FileTime later = FileTime.fromMillis(System.currentTimeMillis() + 5_000);
    Files.setLastModifiedTime(write(name, text), later);
  }

  private Map<String, byte[]> compiled() {
    SourceCompiler.Result result = compiler.compile();
    assertThat(result.errors()).isEmpty();
    return result.classes();
  }

  @Test
  void compilesNothingThatTheBuildCompiled() {
    assertThat(compiled()).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"return hidden();|return 2;", "int hidden()|int changed()", "{|{ /* */"})
  void compilesOnlyTheChangedSource(String change) throws Exception {
    String[] parts = change.split("\\|", 2);
    change(
        "Used",
        USED.replace(parts[0], parts[1]).replace("changed() { return 1", "hidden() { return 3"));

    assertThat(compiled()).containsOnlyKeys("p/Used.class");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "LIMIT = 1|LIMIT = 2",
        "int value()|long value()",
        "static int value()|static synchronized int value()",
        "class Used|class Used implements Runnable",
        "class Used|class Used extends Thread",
      })
  void compilesAllSourcesWhenTheInterfaceOfOneHasChanged(String change) throws Exception {
    String[] parts = change.split("\\|", 2);
    change("Used", USED.replace(parts[0], parts[1]));
    change("User", "package p; class User { long value() { return Used.value() + Used.LIMIT; } }");
    Files.setLastModifiedTime(sources.resolve("p/User.java"), FileTime.fromMillis(0));

    assertThat(compiled()).containsOnlyKeys("p/Used.class", "p/User.class");
  }

  @Test
  void compilesANewSource() throws Exception {
    change("New", "package p; class New { int value() { return Used.value(); } }");

    assertThat(compiled()).containsOnlyKeys("p/New.class");
  }

  @Test
  void findsTheUsersOfARemovedNestedClass() throws Exception {
    build(
        write("Used", USED.replace("class Used {", "class Used { static class Nested {}")),
        write("User", "package p; class User { Used.Nested nested; }"));
    change("Used", USED);

    assertThat(compiler.compile().errors()).first().asString().startsWith("User.java:1: ");
  }

  @Test
  void saysThatThisJavaHasNoCompiler() throws Exception {
    compiler = new SourceCompiler(new ClassFolders(List.of(classes)), null);
    assertThat(compiled()).isEmpty();

    change("Used", USED);
    assertThat(compiler.compile().errors())
        .containsExactly("This Java has no compiler: run mvn compile.");
  }

  @Test
  void namesThePlaceOfEachError() throws Exception {
    change("Used", USED.replace("return hidden()", "return nothing()"));
    assertThat(compiler.compile().errors()).first().isEqualTo("Used.java:5: cannot find symbol");

    change(
        "Used",
        USED.replace("int value()", "String value()").replace("return hidden()", "return \"\""));
    assertThat(compiler.compile().errors())
        .as("the user of a changed method")
        .anyMatch(error -> error.startsWith("User.java:1: "));
  }
}

package dev.asyncitems.local.reload;

import java.io.ByteArrayOutputStream;
import java.io.File;
import java.io.IOException;
import java.io.OutputStream;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.lang.classfile.Attributes;
import java.lang.classfile.ClassFile;
import java.lang.classfile.ClassModel;
import java.lang.classfile.attribute.ConstantValueAttribute;
import java.lang.classfile.constantpool.ClassEntry;
import java.lang.reflect.AccessFlag;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.stream.Stream;
import javax.tools.Diagnostic;
import javax.tools.DiagnosticCollector;
import javax.tools.FileObject;
import javax.tools.ForwardingJavaFileManager;
import javax.tools.JavaCompiler;
import javax.tools.JavaFileManager;
import javax.tools.JavaFileObject;
import javax.tools.SimpleJavaFileObject;
import javax.tools.StandardJavaFileManager;
import org.jspecify.annotations.Nullable;

/**
 * A compiler of the sources that are newer than their classes. It writes no files, so that the
 * build still compiles these sources with all its checks. Not thread-safe.
 */
final class SourceCompiler {

  private static final int ERROR_LIMIT = 10;

  private final ClassFolders folders;
  private final List<String> options;
  private final @Nullable JavaCompiler compiler;

  /**
   * Creates a compiler of the sources that belong to class folders of Maven's layout.
   *
   * @param compiler the compiler of this Java, or null if it has none
   */
  SourceCompiler(ClassFolders folders, @Nullable JavaCompiler compiler) {
    this.folders = folders;
    this.compiler = compiler;
    List<String> classPath =
        new ArrayList<>(folders.folders().stream().map(Path::toString).toList());
    classPath.add(System.getProperty("java.class.path", ""));
    this.options =
        List.of(
            "-proc:none",
            "-nowarn",
            "-implicit:none",
            "-parameters",
            "-g",
            "-classpath",
            String.join(File.pathSeparator, classPath));
  }

  /**
   * The result of compiling.
   *
   * @param classes the classes by their paths below a class folder; empty after an error
   * @param errors the errors with their places, such as {@code Item.java:7: ';' expected}
   */
  record Result(Map<String, byte[]> classes, List<String> errors) {}

  /**
   * Compiles the sources that are newer than their classes. If the interface of a class has
   * changed, compiles all sources, since other classes may use it.
   */
  Result compile() {
    List<Path> stale = new ArrayList<>();
    List<Path> others = new ArrayList<>();
    for (Path folder : folders.folders()) {
      for (Path sources : ClassFolders.sources(folder).stream().toList()) {
        for (Path source : new TreeSet<>(ClassFolders.stamps(sources).keySet())) {
          if (isCode(source)) {
            Path type = ClassFolders.compiled(source, sources, folder);
            (isNewer(source, type) ? stale : others).add(source);
          }
        }
      }
    }
    if (stale.isEmpty()) {
      return new Result(Map.of(), List.of());
    }
    if (compiler == null) {
      return new Result(Map.of(), List.of("This Java has no compiler: run mvn compile."));
    }
    Result changed = compile(compiler, stale);
    boolean enough =
        changed.errors().isEmpty()
            && changed.classes().entrySet().stream().allMatch(this::hasSameInterface);
    if (enough || others.isEmpty()) {
      return changed;
    }
    // Errors may come from the old classes of other sources.
    List<Path> all = new ArrayList<>(stale);
    all.addAll(others);
    return compile(compiler, all);
  }

  private static boolean isCode(Path source) {
    String name = String.valueOf(source.getFileName());
    return name.endsWith(".java") && !name.endsWith("-info.java");
  }

  private static boolean isNewer(Path source, Path type) {
    try {
      return !Files.exists(type)
          || Files.getLastModifiedTime(source).compareTo(Files.getLastModifiedTime(type)) > 0;
    } catch (IOException e) { // The next check sees the deletion.
      return false;
    }
  }

  private Result compile(JavaCompiler compiler, List<Path> sources) {
    DiagnosticCollector<JavaFileObject> found = new DiagnosticCollector<>();
    StringWriter other = new StringWriter();
    StandardJavaFileManager files =
        compiler.getStandardFileManager(found, Locale.ROOT, StandardCharsets.UTF_8);
    try (Output output = new Output(files)) {
      boolean done =
          compiler
              .getTask(
                  other, output, found, options, null, files.getJavaFileObjectsFromPaths(sources))
              .call();
      return done
          ? new Result(output.classes(), List.of())
          : new Result(
              Map.of(),
              Stream.concat(errors(found.getDiagnostics()), other.toString().lines()).toList());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Stream<String> errors(List<Diagnostic<? extends JavaFileObject>> found) {
    return found.stream()
        .filter(one -> one.getKind() == Diagnostic.Kind.ERROR)
        .limit(ERROR_LIMIT)
        .flatMap(one -> {
          String place =
              one.getSource() == null
                  ? ""
                  : name(one.getSource()) + ":" + one.getLineNumber() + ": ";
          return (place + one.getMessage(Locale.ROOT)).lines();
        });
  }

  private static String name(JavaFileObject source) {
    return String.valueOf(Path.of(source.toUri()).getFileName());
  }

  private boolean hasSameInterface(Map.Entry<String, byte[]> type) {
    return folders.find(type.getKey()).stream()
        .allMatch(before -> describe(before).equals(describe(type.getValue())));
  }

  /** Describes the members of a class that other classes can use. */
  private static String describe(byte[] bytes) {
    ClassModel type = ClassFile.of().parse(bytes);
    TreeSet<String> members = new TreeSet<>();
    Predicate<java.util.Set<AccessFlag>> hidden =
        flags -> flags.contains(AccessFlag.PRIVATE) || flags.contains(AccessFlag.SYNTHETIC);
    type.fields().stream()
        .filter(field -> !hidden.test(field.flags().flags()))
        .map(field ->
            field.flags().flags()
                + field.fieldName().stringValue()
                + field.fieldType().stringValue()
                + field
                    .findAttribute(Attributes.constantValue())
                    .map(ConstantValueAttribute::constant)
                    .map(constant -> constant.constantValue().toString())
                    .orElse("")
                + field.findAttribute(Attributes.signature()).map(s -> s.signature().stringValue()))
        .forEach(members::add);
    type.methods().stream()
        .filter(method -> !hidden.test(method.flags().flags()))
        .map(method ->
            method.flags().flags()
                + method.methodName().stringValue()
                + method.methodType().stringValue()
                + method.findAttribute(Attributes.exceptions()).map(e -> e.exceptions().toString())
                + method
                    .findAttribute(Attributes.signature())
                    .map(s -> s.signature().stringValue()))
        .forEach(members::add);
    type.findAttribute(Attributes.innerClasses()).stream()
        .flatMap(nested -> nested.classes().stream())
        .filter(nested -> nested.outerClass().filter(type.thisClass()::equals).isPresent())
        .filter(nested -> !hidden.test(nested.flags()))
        .map(nested -> nested.innerClass().asInternalName())
        .forEach(members::add);
    return type.flags().flags()
        + type.superclass().map(ClassEntry::asInternalName).orElse("")
        + type.interfaces().stream().map(ClassEntry::asInternalName).toList()
        + type.findAttribute(Attributes.permittedSubclasses())
            .map(permitted ->
                permitted.permittedSubclasses().stream().map(ClassEntry::asInternalName).toList())
        + type.findAttribute(Attributes.signature()).map(s -> s.signature().stringValue())
        + members;
  }

  /** A file manager that keeps compiled classes in memory. */
  private static final class Output extends ForwardingJavaFileManager<JavaFileManager> {

    private final Map<String, ByteArrayOutputStream> classes = new HashMap<>();

    Output(JavaFileManager files) {
      super(files);
    }

    @Override
    public JavaFileObject getJavaFileForOutput(
        Location location, String name, JavaFileObject.Kind kind, @Nullable FileObject sibling) {
      String path = name.replace('.', '/') + kind.extension;
      return new SimpleJavaFileObject(URI.create("memory:///" + path), kind) {
        @Override
        public OutputStream openOutputStream() {
          ByteArrayOutputStream bytes = new ByteArrayOutputStream();
          classes.put(path, bytes);
          return bytes;
        }
      };
    }

    Map<String, byte[]> classes() {
      Map<String, byte[]> files = new HashMap<>();
      classes.forEach((path, bytes) -> files.put(path, bytes.toByteArray()));
      return files;
    }
  }
}

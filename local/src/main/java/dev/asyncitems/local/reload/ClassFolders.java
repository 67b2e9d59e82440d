package dev.asyncitems.local.reload;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URISyntaxException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The folders of the functions' compiled classes. If several contain a class, the first folder
 * wins.
 */
public record ClassFolders(List<Path> folders) {

  public ClassFolders {
    folders = List.copyOf(folders);
  }

  /** The attributes that show whether a file has changed. */
  record Stamp(FileTime modified, long size) {}

  /** Returns the folders of this JVM's class path, without the local run's own folder. */
  public static ClassFolders ofClassPath() {
    List<Path> folders = new ArrayList<>();
    for (String entry : System.getProperty("java.class.path", "").split(File.pathSeparator, -1)) {
      Path path = Path.of(entry).toAbsolutePath();
      if (!entry.isEmpty() && Files.isDirectory(path) && !path.equals(own())) {
        folders.add(path);
      }
    }
    return new ClassFolders(folders);
  }

  private static Path own() {
    try {
      return Path.of(
          ClassFolders.class.getProtectionDomain().getCodeSource().getLocation().toURI());
    } catch (URISyntaxException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Returns a class loader with the files' current content. Its parent loads all other classes. */
  public ClassLoader load() {
    return load(Map.of());
  }

  /** Returns such a loader, in which these files replace those of the folders. */
  ClassLoader load(Map<String, byte[]> first) {
    Map<String, byte[]> files = new HashMap<>(first);
    for (Path folder : folders) {
      for (Path file : stamps(folder).keySet()) {
        String name = folder.relativize(file).toString().replace(File.separatorChar, '/');
        read(file, name, files);
      }
    }
    return new FolderClassLoader(files, ClassFolders.class.getClassLoader());
  }

  private static void read(Path file, String name, Map<String, byte[]> files) {
    try {
      files.putIfAbsent(name, Files.readAllBytes(file));
    } catch (NoSuchFileException e) {
      // A compiler has deleted the file, so the reloader's next check finds a change.
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Returns whether one of the folders has the class with this name. */
  public boolean hold(String type) {
    return folders.stream()
        .anyMatch(folder -> Files.exists(folder.resolve(type.replace('.', '/') + ".class")));
  }

  /** Returns the content of a file, from the first folder that has it. */
  Optional<byte[]> find(String name) {
    Map<String, byte[]> found = new HashMap<>();
    for (Path folder : folders) {
      read(folder.resolve(name), name, found);
    }
    return Optional.ofNullable(found.get(name));
  }

  /** Returns the sources of a class folder in Maven's layout, but not of a folder of tests. */
  static Optional<Path> sources(Path folder) {
    return Optional.of(folder.resolve("../../src/main/java").normalize())
        .filter(sources -> folder.endsWith(Path.of("target", "classes")))
        .filter(Files::isDirectory);
  }

  /** Returns the file that a source is compiled to, such as {@code Item.class}. */
  static Path compiled(Path source, Path sources, Path folder) {
    return folder.resolve(sources.relativize(source).toString().replaceFirst("java$", "class"));
  }

  /** Returns the stamps of the classes and their sources. */
  Map<Path, Stamp> stamps() {
    Map<Path, Stamp> stamps = new HashMap<>();
    for (Path folder : folders) {
      stamps.putAll(stamps(folder));
      sources(folder).ifPresent(sources -> stamps.putAll(stamps(sources)));
    }
    return stamps;
  }

  static Map<Path, Stamp> stamps(Path folder) {
    Map<Path, Stamp> stamps = new HashMap<>();
    try {
      Files.walkFileTree(
          folder,
          new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
              stamps.put(file, new Stamp(attributes.lastModifiedTime(), attributes.size()));
              return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult visitFileFailed(Path file, IOException gone) {
              return FileVisitResult.CONTINUE; // The file was deleted meanwhile.
            }

            @Override
            public FileVisitResult postVisitDirectory(Path directory, IOException gone) {
              return FileVisitResult.CONTINUE;
            }
          });
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return stamps;
  }
}

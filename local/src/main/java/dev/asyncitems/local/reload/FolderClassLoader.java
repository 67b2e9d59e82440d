package dev.asyncitems.local.reload;

import java.io.ByteArrayInputStream;
import java.io.Closeable;
import java.io.InputStream;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A class loader that searches its own files before its parent. It keeps the files' bytes in
 * memory, so that all its classes come from one build, even if files change later. Thread-safe.
 */
final class FolderClassLoader extends ClassLoader implements Closeable {

  static {
    registerAsParallelCapable();
  }

  private volatile Map<String, byte[]> files;

  /** Creates a loader. Each key is a path below a class folder, with {@code /} on every system. */
  FolderClassLoader(Map<String, byte[]> files, ClassLoader parent) {
    super(parent); // A loader's name would appear in every line of a stack trace.
    this.files = Map.copyOf(files);
  }

  /** Releases the bytes, since a library may keep a class and its loader for ever. */
  @Override
  public void close() {
    files = Map.of();
  }

  @Override
  public @Nullable InputStream getResourceAsStream(String name) {
    byte[] bytes = files.get(name);
    return bytes == null ? super.getResourceAsStream(name) : new ByteArrayInputStream(bytes);
  }

  @Override
  protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
    byte[] bytes = files.get(name.replace('.', '/') + ".class");
    if (bytes == null) {
      return super.loadClass(name, resolve);
    }
    synchronized (getClassLoadingLock(name)) {
      Class<?> loaded = findLoadedClass(name);
      if (loaded == null) {
        loaded = defineClass(name, bytes, 0, bytes.length);
      }
      if (resolve) {
        resolveClass(loaded);
      }
      return loaded;
    }
  }
}

package dev.asyncitems.local.reload;

import java.io.ByteArrayInputStream;
import java.io.Closeable;
import java.io.InputStream;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Has some classes and resources itself, before its parent. It keeps their bytes: one that is
 * loaded late is the one of its time, even if the file was written again since. Thread-safe.
 */
final class FolderClassLoader extends ClassLoader implements Closeable {

  static {
    registerAsParallelCapable();
  }

  private volatile Map<String, byte[]> files;

  /**
   * @param files by their paths, with slashes
   */
  FolderClassLoader(Map<String, byte[]> files, ClassLoader parent) {
    super(parent); // a name would stand in each line of a stack trace
    this.files = Map.copyOf(files);
  }

  /** Lets go of the bytes: libraries that stay may remember a class for ever, and so its loader. */
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

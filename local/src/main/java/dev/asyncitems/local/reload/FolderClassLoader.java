package dev.asyncitems.local.reload;

import java.io.ByteArrayInputStream;
import java.io.Closeable;
import java.io.InputStream;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A class loader that prefers its own classes and resources to its parent's. It keeps their bytes
 * in memory: a class that is loaded late has the same version as the others, even if its file has
 * changed. Thread-safe.
 */
final class FolderClassLoader extends ClassLoader implements Closeable {

  static {
    registerAsParallelCapable();
  }

  private volatile Map<String, byte[]> files;

  /**
   * @param files the contents by path, with slashes
   */
  FolderClassLoader(Map<String, byte[]> files, ClassLoader parent) {
    super(parent); // without a name, which would appear in every line of a stack trace
    this.files = Map.copyOf(files);
  }

  /** Releases the bytes. A library may keep a class, and so its loader, for ever. */
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

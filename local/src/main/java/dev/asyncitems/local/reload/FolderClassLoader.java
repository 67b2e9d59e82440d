package dev.asyncitems.local.reload;

import java.util.Map;

/**
 * Has some classes itself, before its parent. It keeps their bytes: one that is loaded late is the
 * one of its time, even if the file was written again since. Thread-safe.
 */
final class FolderClassLoader extends ClassLoader {

  static {
    registerAsParallelCapable();
  }

  private final Map<String, byte[]> classes;

  FolderClassLoader(Map<String, byte[]> classes, ClassLoader parent) {
    super(parent); // a name would stand in each line of a stack trace
    this.classes = Map.copyOf(classes);
  }

  @Override
  protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
    byte[] bytes = classes.get(name);
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

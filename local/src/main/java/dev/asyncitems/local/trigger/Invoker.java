package dev.asyncitems.local.trigger;

/** An interface by which triggers invoke functions. Implementations are thread-safe. */
public interface Invoker {

  /** Invokes a function and returns its response. Throws an exception if the function fails. */
  byte[] invoke(String functionId, byte[] event);
}

package dev.asyncitems.local.trigger;

/** A caller of functions for triggers. Thread-safe. */
public interface Invoker {

  /** Invokes a function and returns its response. Throws an exception if the function fails. */
  byte[] invoke(String functionId, byte[] event);
}

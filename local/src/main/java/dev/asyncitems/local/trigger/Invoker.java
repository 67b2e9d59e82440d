package dev.asyncitems.local.trigger;

/** Invokes functions for triggers. Thread-safe. */
public interface Invoker {

  /** Invokes a function and returns its response. Throws if it fails. */
  byte[] invoke(String functionId, byte[] event);
}

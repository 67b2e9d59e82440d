package dev.asyncitems.local.engine;

/** An exception for an engine that cannot be started or used. The message is one sentence. */
public final class EngineException extends RuntimeException {

  private static final long serialVersionUID = 1L;

  EngineException(String message, Throwable cause) {
    super(message, cause);
  }

  EngineException(String message) {
    super(message);
  }
}

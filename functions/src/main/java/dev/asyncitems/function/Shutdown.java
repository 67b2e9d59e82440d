package dev.asyncitems.function;

/** What a function does when its environment is told to end ("Lambda execution environment"). */
final class Shutdown {
  private Shutdown() {}

  static void runs(Runnable closing) {
    Runtime.getRuntime().addShutdownHook(new Thread(closing, "shutdown"));
  }
}

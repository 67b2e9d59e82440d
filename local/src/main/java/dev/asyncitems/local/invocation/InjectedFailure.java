package dev.asyncitems.local.invocation;

/** An exception that a developer injects in place of a function's or a task's own. */
final class InjectedFailure extends RuntimeException {

  private static final long serialVersionUID = 1L;

  InjectedFailure() {
    super("failed on purpose, by --fail or at the page");
  }
}

package dev.asyncitems.local;

import dev.asyncitems.local.invocation.RunListener;

/** A listener that prints failed invocations and other problems to {@code System.err}. */
final class FailurePrinter implements RunListener {

  @Override
  public void failed(String functionId, String requestId, Throwable why) {
    System.err.println(functionId + " failed (request " + requestId + "):");
    why.printStackTrace();
  }

  @Override
  public void trouble(String sentence) {
    System.err.println(sentence);
  }
}

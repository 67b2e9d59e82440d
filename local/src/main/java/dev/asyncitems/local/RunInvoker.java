package dev.asyncitems.local;

import dev.asyncitems.local.http.Gateway;
import dev.asyncitems.local.invocation.Handlers;
import dev.asyncitems.local.invocation.InvocationException;
import dev.asyncitems.local.trigger.Invoker;
import java.time.Duration;

/** Calls the handlers for the gateway and the triggers, and reports to the listener. */
record RunInvoker(Handlers handlers, RunListener listener) implements Gateway.Functions, Invoker {

  @Override
  public byte[] invoke(String functionId, String requestId, byte[] event, Duration timeout) {
    Duration own = handlers.timeout(functionId);
    return handlers.invoke(
        functionId, requestId, event, own.compareTo(timeout) < 0 ? own : timeout);
  }

  @Override
  public byte[] invoke(String functionId, byte[] event) {
    return handlers.invoke(functionId, event, handlers.timeout(functionId));
  }

  @Override
  public boolean isTimeout(RuntimeException failure) {
    return failure instanceof InvocationException invocation && invocation.timedOut();
  }

  @Override
  public void failed(String functionId, String requestId, Throwable why) {
    boolean wraps = why instanceof InvocationException invocation && !invocation.timedOut();
    Throwable cause = why.getCause();
    listener.failed(functionId, requestId, wraps && cause != null ? cause : why);
  }

  @Override
  public void failed(String functionId, Throwable why) {
    failed(functionId, "-", why);
  }

  @Override
  public void answered(String method, String path, int status, String functionId, Duration time) {
    listener.answered(method, path, status, functionId, time);
  }

  @Override
  public void batch(String functionId, String queueId, int messages, int failed, Duration time) {
    listener.batch(functionId, queueId, messages, failed, time);
  }

  @Override
  public void tick(String functionId, String scheduleId, boolean succeeded, Duration time) {
    listener.tick(functionId, scheduleId, succeeded, time);
  }

  @Override
  public void trouble(String sentence) {
    listener.trouble(sentence);
  }
}

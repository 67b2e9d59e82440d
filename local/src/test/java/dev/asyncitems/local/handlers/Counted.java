package dev.asyncitems.local.handlers;

import com.amazonaws.services.lambda.runtime.Context;
import com.amazonaws.services.lambda.runtime.RequestStreamHandler;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.concurrent.atomic.AtomicInteger;

/** A handler that counts how many objects of its class are open. */
public final class Counted implements RequestStreamHandler, AutoCloseable {

  /** The objects that were made and not closed. */
  public static final AtomicInteger OPEN = new AtomicInteger();

  public Counted() {
    OPEN.incrementAndGet();
  }

  @Override
  public void handleRequest(InputStream input, OutputStream output, Context context) {}

  @Override
  public void close() {
    OPEN.decrementAndGet();
  }
}

package dev.asyncitems.local.handlers;

import com.amazonaws.services.lambda.runtime.Context;
import com.amazonaws.services.lambda.runtime.RequestStreamHandler;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.concurrent.atomic.AtomicInteger;

/** A handler that counts the open objects of its class. */
public final class Counted implements RequestStreamHandler, AutoCloseable {

  /** The number of objects that were created and not closed. */
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

package dev.asyncitems.bench;

import com.amazonaws.services.lambda.runtime.ClientContext;
import com.amazonaws.services.lambda.runtime.CognitoIdentity;
import com.amazonaws.services.lambda.runtime.Context;
import com.amazonaws.services.lambda.runtime.LambdaLogger;
import com.amazonaws.services.lambda.runtime.RequestStreamHandler;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;

/** Calls a handler in this process, from the bytes of an event to the bytes of its response. */
final class Invocations {
  private Invocations() {}

  static byte[] invoke(RequestStreamHandler handler, byte[] event) {
    ByteArrayOutputStream answer = new ByteArrayOutputStream(1024);
    try {
      handler.handleRequest(new ByteArrayInputStream(event), answer, new UnhurriedContext());
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
    return answer.toByteArray();
  }

  /** A context with a constant remaining time. */
  private static final class UnhurriedContext implements Context {
    @Override
    public String getAwsRequestId() {
      return "8e6b2a4e-6f0c-4c0e-9b0e-3f1f0a8f3c11";
    }

    @Override
    public String getLogGroupName() {
      return "";
    }

    @Override
    public String getLogStreamName() {
      return "";
    }

    @Override
    public String getFunctionName() {
      return "bench";
    }

    @Override
    public String getFunctionVersion() {
      return "1";
    }

    @Override
    public String getInvokedFunctionArn() {
      return "";
    }

    @Override
    public CognitoIdentity getIdentity() {
      throw new UnsupportedOperationException();
    }

    @Override
    public ClientContext getClientContext() {
      throw new UnsupportedOperationException();
    }

    @Override
    public int getRemainingTimeInMillis() {
      return 9_000;
    }

    @Override
    public int getMemoryLimitInMB() {
      return 1024;
    }

    @Override
    public LambdaLogger getLogger() {
      throw new UnsupportedOperationException();
    }
  }
}

package dev.asyncitems.lambda;

import com.amazonaws.services.lambda.runtime.ClientContext;
import com.amazonaws.services.lambda.runtime.CognitoIdentity;
import com.amazonaws.services.lambda.runtime.Context;
import com.amazonaws.services.lambda.runtime.LambdaLogger;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** A context of Lambda with this much time left and nothing else. */
public record TestContext(int remainingMillis, Supplier<@Nullable String> trace)
    implements Context {
  /** Leaves more time than any test takes. */
  public static final Context AMPLE = new TestContext(60_000);

  public TestContext(int remainingMillis) {
    this(remainingMillis, () -> null);
  }

  @Override
  @SuppressWarnings("NullAway") // Lambda may return null.
  public @Nullable String getXrayTraceId() {
    return trace.get();
  }

  @Override
  public String getAwsRequestId() {
    return "invocation-1";
  }

  @Override
  public int getRemainingTimeInMillis() {
    return remainingMillis;
  }

  @Override
  public String getLogGroupName() {
    throw unused();
  }

  @Override
  public String getLogStreamName() {
    throw unused();
  }

  @Override
  public String getFunctionName() {
    throw unused();
  }

  @Override
  public String getFunctionVersion() {
    throw unused();
  }

  @Override
  public String getInvokedFunctionArn() {
    throw unused();
  }

  @Override
  public CognitoIdentity getIdentity() {
    throw unused();
  }

  @Override
  public ClientContext getClientContext() {
    throw unused();
  }

  @Override
  public int getMemoryLimitInMB() {
    throw unused();
  }

  @Override
  public LambdaLogger getLogger() {
    throw unused();
  }

  private static UnsupportedOperationException unused() {
    return new UnsupportedOperationException("the functions don't use it");
  }
}

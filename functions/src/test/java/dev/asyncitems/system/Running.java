package dev.asyncitems.system;

import dev.asyncitems.local.LocalRun;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ExtensionContext.Namespace;
import org.junit.jupiter.api.extension.ExtensionContext.StoreScope;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;

/**
 * Provides the run that all test classes of a JVM share, and its client. The run uses pollers and
 * the system clock, and its tables contain rows of other tests. With {@code -Dapi.url} the client
 * uses that API. After each test class, the log lines of the functions are checked.
 */
final class Running implements ParameterResolver, AfterAllCallback {
  private record Shared(LocalRun run) implements AutoCloseable {
    @Override
    public void close() {
      run.close();
    }
  }

  @Override
  public void afterAll(ExtensionContext context) {
    LogLines.check();
  }

  @Override
  public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
    Class<?> type = parameter.getParameter().getType();
    return type == Api.class || type == LocalRun.class;
  }

  @Override
  public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
    Class<?> type = parameter.getParameter().getType();
    if (type == Api.class && Gateway.current() != Gateway.LOCAL_RUN) {
      return new Api(Gateway.uri());
    }
    LogLines.read();
    LocalRun run =
        context
            .getStore(StoreScope.LAUNCHER_SESSION, Namespace.create(Running.class))
            .computeIfAbsent(Shared.class, key -> new Shared(Lane.run().start()), Shared.class)
            .run();
    return type == Api.class ? new Api(run.uri()) : run;
  }
}

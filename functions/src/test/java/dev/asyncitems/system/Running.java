package dev.asyncitems.system;

import dev.asyncitems.local.LocalRun;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ExtensionContext.Namespace;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;

/**
 * Gives tests the one run that all classes of the suite share, and a client of it. It has pollers,
 * and the system's clock. Rows of other tests are in its tables. With {@code -Dapi.url} the client
 * is that API's. What functions log is held to its form when a class of tests has ended.
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
            .getRoot()
            .getStore(Namespace.create(Running.class))
            .computeIfAbsent(Shared.class, key -> new Shared(Lane.run().start()), Shared.class)
            .run();
    return type == Api.class ? new Api(run.uri()) : run;
  }
}

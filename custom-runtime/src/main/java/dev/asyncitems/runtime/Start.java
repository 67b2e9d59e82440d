package dev.asyncitems.runtime;

import com.amazonaws.services.lambda.runtime.api.client.AWSLambda;
import dev.asyncitems.lambda.Log;
import dev.asyncitems.metric.Contention;
import dev.asyncitems.metric.Metric;
import java.time.Clock;
import java.util.Map;
import java.util.Optional;

/** Logs whether the AOT cache is used, and starts Lambda's runtime interface client. */
public final class Start {
  private Start() {}

  /**
   * Runs a function until its environment ends.
   *
   * @param args the handler's class name
   */
  public static void main(String[] args) throws Throwable {
    boolean used = System.getProperty("java.vm.info", "").contains("sharing");
    Log.of(
            args[0].substring(args[0].lastIndexOf('.') + 1),
            System.getenv(),
            new Contention(),
            Clock.systemUTC())
        .write(
            used ? Log.Level.INFO : Log.Level.WARN,
            "start",
            Map.of("aotCache", used ? "used" : "not used"),
            used ? Map.of() : Map.of(Metric.STARTS_WITHOUT_CACHE, 1L),
            Optional.empty());
    AWSLambda.main(args);
  }
}

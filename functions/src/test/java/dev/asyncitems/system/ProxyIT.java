package dev.asyncitems.system;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** The local run with a proxy in the environment where nothing listens. */
final class ProxyIT {
  @Test
  @Needs(Capability.STOP_AND_START)
  void functionsReachTheEnginesOfThisMachineWithoutIt() throws Exception {
    Map<String, String> environment = new TreeMap<>();
    for (String name : new String[] {"HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"}) {
      environment.put(name, "http://127.0.0.1:9");
      environment.put(name.toLowerCase(Locale.ROOT), "http://127.0.0.1:9");
    }
    try (ChildRun child = ChildRun.start(environment)) {
      Api api = new Api(child.uri());
      assertThat(api.get("/data").status()).isEqualTo(200);
      String notification =
          api.send("POST", "/notifications", "{\"message\":\"m\"}").header("Location");
      await()
          .atMost(Duration.ofSeconds(60))
          .until(() -> api.get(notification).text("status").equals("logged"));
    }
  }
}

package dev.asyncitems.local;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URI;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Checks {@code sam local start-api}, at {@code -Dstart-api}: it differs from AWS's documentation
 * exactly as {@code payload/cases.yaml} says. Only the events lane of CI runs it.
 */
class StartApiCheck {

  @ParameterizedTest
  @MethodSource("dev.asyncitems.local.OddRequest#all")
  void differsAsDocumented(OddRequest request) throws Exception {
    URI server = URI.create(System.getProperty("start-api", ""));

    OddRequest.Answer answer = request.sendTo(server);

    Map<String, String> differences = new TreeMap<>();
    if (answer.status() != 200) {
      differences.put("status", Integer.toString(answer.status()));
    } else {
      Map<String, String> given = new TreeMap<>();
      answer.fields().forEach((pointer, value) -> given.put(lowerCase(pointer), value));
      Map<String, String> documented = request.documented();
      documented.keySet().forEach(pointer -> given.putIfAbsent(pointer, "absent"));
      given.forEach((pointer, value) -> {
        if (!value.equals(documented.get(pointer))) {
          differences.put(pointer, value);
        }
      });
    }
    assertThat(differences).isEqualTo(request.sam());
  }

  /** {@code sam local start-api} capitalises each part of a header's name. */
  private static String lowerCase(String pointer) {
    if (!pointer.startsWith("/headers/")) {
      return pointer;
    }
    assertThat(pointer).matches("/headers/[A-Z][a-z]*(-[A-Z][a-z]*)*");
    return pointer.toLowerCase(Locale.ROOT);
  }
}

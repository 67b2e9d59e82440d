package dev.asyncitems.local;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.asyncitems.local.invocation.StackTraces;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.time.Duration;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

class ConsoleTest {

  private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
  private final Console console =
      new Console(
          new PrintStream(bytes, true, UTF_8),
          false,
          new StackTraces(type -> type.equals(ConsoleTest.class.getName()), false));

  private String printed() {
    return bytes.toString(UTF_8);
  }

  @Test
  void printsNoQuery() {
    console.answered("GET", "/send?message=secret", 200, "Send", Duration.ofMillis(7));
    console.answered("GET", "/send?", 200, "Send", Duration.ofMillis(7));

    assertThat(printed())
        .contains("GET /send 200 7 ms Send")
        .doesNotContain("secret")
        .doesNotContain("?");
  }

  @Test
  void saysWhyATokenWasRejected() {
    console.denied("GET", "/things?secret=1", 401, "the token has expired");

    assertThat(printed())
        .contains("GET /things 401: the token has expired")
        .doesNotContain("secret");
  }

  /** Covers escape and C1 sequences, right-to-left text and a fake line of the console. */
  @Test
  void escapesControlCharacters() {
    String odd = "a\u001b[2J\u009b2J\u202e\u2028\u007f\r";
    String escaped = "a\\u001b[2J\\u009b2J\\u202e\\u2028\\u007f\\u000d";
    console.answered("GET", "/" + odd, 404, "-", Duration.ZERO);
    console.trouble("trouble " + odd);
    console.denied("GET", "/" + odd, 401, "denied " + odd);
    console.notCompiled(List.of("not compiled " + odd));
    console.failed(
        "Function", "-", new IllegalStateException("failure " + odd.strip() + "\nGET /x"));

    assertThat(printed())
        .contains("GET /" + escaped + " 404")
        .contains("trouble " + escaped)
        .contains("denied " + escaped)
        .contains("not compiled " + escaped)
        .contains("failure " + escaped.replace("\\u000d", ""))
        .containsPattern("\\R    GET /x\\R")
        .containsPattern("\\R    at " + Pattern.quote(ConsoleTest.class.getName()))
        .doesNotContainPattern("[\\x00-\\x09\\x0b\\x0c\\x0e-\\x1f\\x7f-\\x9f\\u2028\\u202e]");
  }
}

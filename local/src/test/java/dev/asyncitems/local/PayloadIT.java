package dev.asyncitems.local;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Compares the events of odd requests with AWS's documentation, field by field. */
class PayloadIT {

  private static LocalRun run;

  @BeforeAll
  static void start() {
    run =
        LocalRun.of(Path.of("src/test/resources/payload/template.yaml"))
            .host("api.example.com")
            .start();
  }

  @AfterAll
  static void close() {
    run.close();
  }

  @ParameterizedTest
  @MethodSource("dev.asyncitems.local.OddRequest#all")
  void matchesTheDocumentationOfAws(OddRequest request) throws Exception {
    OddRequest.Answer answer = request.sendTo(run.uri());

    assertThat(answer.status()).isEqualTo(200);
    assertThat(answer.fields()).isEqualTo(request.documented());
  }
}

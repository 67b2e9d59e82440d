package dev.asyncitems.local;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The events that the run makes of odd requests, field by field against what AWS documents. */
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
  void isAsAwsDocumentsIt(OddRequest request) throws Exception {
    OddRequest.Answer answer = request.sendTo(run.uri());

    assertThat(answer.status()).isEqualTo(200);
    assertThat(answer.fields()).isEqualTo(request.documented());
  }
}

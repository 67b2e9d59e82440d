package dev.asyncitems.http;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class AcceptEncodingTest {
  @ParameterizedTest
  @ValueSource(
      strings = {
        "gzip",
        "GZIP",
        "x-gzip",
        "gzip, deflate, br",
        "br;q=1.0, gzip;q=0.8, *;q=0.1",
        "identity,gzip ; q=0.001",
        "*",
        "br, *;q=0.5",
        "gzip;q=1.000"
      })
  void gzipIsTakenWhereItIsNamedOrAnyIs(String value) {
    assertThat(AcceptEncoding.acceptsGzip(value)).isTrue();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "br",
        "identity",
        "gzip;q=0",
        "gzip;q=0.000",
        "gzip; q=0., br",
        "*;q=0",
        "gzip;q=0, *",
        "notgzip",
        ","
      })
  void gzipIsNotTakenElsewhere(String value) {
    assertThat(AcceptEncoding.acceptsGzip(value)).isFalse();
  }
}

package dev.asyncitems.local.http;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.io.IOException;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ReplyTest {

  private static Reply reply(String json) throws IOException {
    return Reply.of(json.getBytes(UTF_8));
  }

  @Test
  void readsStatusHeadersCookiesAndBody() throws IOException {
    Reply reply =
        reply(
            """
            {"statusCode": 201, "headers": {"ETag": "\\"1\\"", "X-N": 3}, "cookies": ["a=b", "c=d"],
             "body": "\u00e9"}
            """);
    assertThat(reply.status()).isEqualTo(201);
    assertThat(reply.headers())
        .containsExactly(
            Map.entry("ETag", "\"1\""),
            Map.entry("X-N", "3"),
            Map.entry("set-cookie", "a=b"),
            Map.entry("set-cookie", "c=d"),
            Map.entry("content-type", "text/plain;charset=UTF-8"));
    assertThat(new String(reply.body(), UTF_8)).isEqualTo("\u00e9");
  }

  @Test
  void decodesABase64Body() throws IOException {
    assertThat(reply("{\"statusCode\":200,\"body\":\"w6k=\",\"isBase64Encoded\":true}").body())
        .isEqualTo("\u00e9".getBytes(UTF_8));
  }

  @Test
  void infersTheRestWithoutAStatus() throws IOException {
    Reply reply = reply("{\"a\":1}");
    assertThat(reply.status()).isEqualTo(200);
    assertThat(reply.headers()).containsExactly(Map.entry("content-type", "application/json"));
    assertThat(new String(reply.body(), UTF_8)).isEqualTo("{\"a\":1}");
    assertThat(new String(reply("\"hi\"").body(), UTF_8)).isEqualTo("hi");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "{",
        "{} {}",
        "{\"statusCode\":\"200\"}",
        "{\"statusCode\":99}",
        "{\"statusCode\":600}",
        "{\"statusCode\":200,\"body\":\"?\",\"isBase64Encoded\":true}"
      })
  void rejectsAnInvalidResponse(String answer) {
    assertThatExceptionOfType(IOException.class).isThrownBy(() -> reply(answer));
  }
}

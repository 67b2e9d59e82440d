package dev.asyncitems.local.http;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.asyncitems.local.template.Route;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class HttpEventTest {

  private static final JsonMapper JSON = new JsonMapper();
  private static final RouteTable.Match MATCH =
      new RouteTable.Match(
          new Route("R", "POST", "/things/{id}", "F", Duration.ofSeconds(30)), Map.of("id", "a/b"));

  private static JsonNode event(String query, byte[] body, String... headers) throws IOException {
    List<Map.Entry<String, String>> list = new ArrayList<>();
    for (int i = 0; i < headers.length; i += 2) {
      list.add(Map.entry(headers[i], headers[i + 1]));
    }
    return JSON.readTree(
        HttpEvent.of(
            new HttpEvent.Request(
                "POST", "/things/a%2Fb", query, "HTTP/1.1", list, body, "127.0.0.1", 3000),
            MATCH,
            new HttpEvent.Api(
                "000000000000",
                "28ea2611-6a9f-48f4-b817-39f6fe50b9f4",
                Instant.parse("2026-03-04T05:06:07.089Z"),
                Map.of()),
            Optional.empty()));
  }

  @Test
  void hasEveryDocumentedField() throws IOException {
    assertThat(
            event(
                "a=1&b=x%20y&a=2+3&c",
                new byte[0],
                "Host",
                "abc.example.com:3000",
                "X-Many",
                "1",
                "User-Agent",
                "curl",
                "x-many",
                "2",
                "Cookie",
                "a=b; c=d",
                "cookie",
                "e=f"))
        .isEqualTo(
            JSON.readTree(
                """
                {"version": "2.0", "routeKey": "POST /things/{id}", "rawPath": "/things/a/b",
                 "rawQueryString": "a=1&b=x%20y&a=2+3&c", "cookies": ["a=b", "c=d", "e=f"],
                 "headers": {"host": "abc.example.com:3000", "x-many": "1,2", "user-agent": "curl",
                   "content-length": "0", "x-forwarded-for": "127.0.0.1",
                   "x-forwarded-proto": "http", "x-forwarded-port": "3000",
                   "x-amzn-trace-id": "Root=1-69a7bdbf-28ea26116a9f48f4b81739f6"},
                 "queryStringParameters": {"a": "1,2 3", "b": "x y", "c": ""},
                 "pathParameters": {"id": "a/b"},
                 "requestContext": {"accountId": "000000000000", "apiId": "local",
                   "domainName": "abc.example.com", "domainPrefix": "abc",
                   "http": {"method": "POST", "path": "/things/a/b", "protocol": "HTTP/1.1",
                     "sourceIp": "127.0.0.1", "userAgent": "curl"},
                   "requestId": "28ea2611-6a9f-48f4-b817-39f6fe50b9f4",
                   "routeKey": "POST /things/{id}", "stage": "$default",
                   "time": "04/Mar/2026:05:06:07 +0000", "timeEpoch": 1772600767089},
                 "isBase64Encoded": false}
                """));
  }

  @ParameterizedTest
  @CsvSource({
    "application/json, true",
    "Application/JSON; charset=utf-8, true",
    "text/plain, true",
    "application/xml, true",
    "application/merge-patch+json, false",
    "application/x-www-form-urlencoded, false",
    "application/octet-stream, false",
    "'', false"
  })
  void theContentTypeDecidesWhetherABodyIsText(String type, boolean asText) throws IOException {
    JsonNode event = event("", "\u00e9".getBytes(UTF_8), "Content-Type", type);
    assertThat(event.path("isBase64Encoded").asBoolean()).isEqualTo(!asText);
    assertThat(event.path("body").asText()).isEqualTo(asText ? "\u00e9" : "w6k=");
  }

  @Test
  void aBodyThatIsNotUtf8IsAlwaysBase64() throws IOException {
    JsonNode event = event("", new byte[] {'{', (byte) 0xff}, "content-type", "application/json");
    assertThat(event.path("isBase64Encoded").asBoolean()).isTrue();
    assertThat(event.path("body").asText()).isEqualTo("e/8=");
  }

  @Test
  void omitsEmptyFields() throws IOException {
    JsonNode event = event("", new byte[0]);
    assertThat(event.has("body")).isFalse();
    assertThat(event.has("cookies")).isFalse();
    assertThat(event.has("queryStringParameters")).isFalse();
    assertThat(event.has("stageVariables")).isFalse();
  }
}

package dev.asyncitems.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.asyncitems.call.Deadline;
import dev.asyncitems.lambda.TestEvent;
import dev.asyncitems.metric.Metric;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class RequestTest {
  private static final String TRACE = "1-5759e988-bd862e3fe1be46a994272793";

  @Test
  void itIsLoggedWithItsIdItsRouteItsTraceAndWhatTheHandlerNotes() {
    Request request =
        TestEvent.of("GET", "/items/1")
            .routeKey("GET /items/{id}")
            .header("X-Amzn-Trace-Id", "Root=" + TRACE)
            .request();
    request.note("itemId", "1");
    request.count(Metric.REQUESTS);
    request.count(Metric.REQUESTS);
    assertThat(request.id()).isEqualTo("request-1");
    assertThat(request.route()).isEqualTo("GET /items/{id}");
    assertThat(request.traceContext().traceId()).contains(TRACE);
    assertThat(request.notes()).isEqualTo(Map.of("itemId", "1"));
    assertThat(request.metrics()).isEqualTo(Map.of(Metric.REQUESTS, 2L));
  }

  @Test
  void anEventThatCannotBeReadIsLoggedWithDashes() {
    Request unread = Request.unread(null, Deadline.after(Duration.ofMinutes(1)));
    assertThat(unread.id()).isEqualTo("-");
    assertThat(unread.route()).isEqualTo("-");
  }

  @ParameterizedTest
  @CsvSource({"1, 1", "1/, 1", "a/b/, a/b"})
  void aPathParameterHasNoTrailingSlash(String sent, String read) {
    TestEvent event = TestEvent.of("GET", "/items/" + sent).routeKey("GET /items/{id}");
    assertThat(event.request().pathParameter("id")).isEmpty();
    event.pathParameter("id", sent);
    assertThat(event.request().pathParameter("id")).isEqualTo(read);
    assertThat(event.request().pathParameter("other")).isEmpty();
  }

  @Test
  void aHeaderIsFoundInAnyCase() {
    Request request = TestEvent.of("OPTIONS", "/items").header("Origin", "").request();
    assertThat(request.hasHeader("ORIGIN")).isTrue();
    assertThat(request.hasHeader("Origins")).isFalse();
  }

  @ParameterizedTest
  @CsvSource({"'', /v1/items", "limit=7&cursor=a%20b+c, /v1/items?limit=7&cursor=a%20b+c"})
  void aRedirectKeepsTheQueryAsSent(String query, String location) {
    Reply reply =
        Reply.redirect(
            "/items", TestEvent.of("GET", "/items/").basePath("/v1").query(query).request());
    assertThat(reply.status()).isEqualTo(308);
    assertThat(reply.headers()).isEqualTo(Map.of("Location", location));
  }
}

package dev.asyncitems.system;

import static dev.asyncitems.system.Backend.DEAD_LETTERS;
import static dev.asyncitems.system.Backend.QUEUE;
import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.asyncitems.local.LocalRun;
import dev.asyncitems.local.issuer.TokenIssuer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Pages of other origins in Chromium try to use every port of a local run. They must change nothing
 * and read nothing.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@Tag("browser")
final class OtherPagesIT {
  private static final String REBOUND = "rebound.example";
  private static final String SECRET = "kept from other pages";

  /** A script that tries to use the servers. It returns everything that it could read. */
  private static final String TRIES =
      """
      const [api, dynamoDb, sqs, issuer] = arguments;
      const done = arguments[arguments.length - 1];
      const queue = sqs + '/000000000000/local-';
      const item = '{"name": "Stolen", "price": 1}';
      const read = [];
      const fetched = async (url, options) => {
        try {
          const response = await fetch(url, options);
          if (response.ok) read.push(url + ' ' + await response.text());
        } catch (e) {
        }
      };
      const shown = (name, url) => new Promise(resolve => {
        const element = document.createElement(name);
        element.onload = () => { read.push(url); resolve(); };
        element.onerror = resolve;
        element.src = url;
        document.body.append(element);
      });
      const submitted = (url, enctype, fields) => new Promise(resolve => {
        const frame = document.createElement('iframe');
        frame.name = 'frame' + Math.random();
        const form = document.createElement('form');
        Object.assign(form, {method: 'POST', action: url, enctype, target: frame.name});
        for (const [name, value] of Object.entries(fields)) {
          const input = document.createElement('input');
          Object.assign(input, {type: 'hidden', name, value});
          form.append(input);
        }
        document.body.append(frame, form);
        frame.onload = resolve;
        form.submit();
      });
      const streamed = url => new Promise(resolve => {
        const events = new EventSource(url);
        events.onopen = () => { read.push(url); events.close(); resolve(); };
        events.onerror = () => { events.close(); resolve(); };
      });
      const connected = url => new Promise(resolve => {
        const socket = new WebSocket(url.replace('http', 'ws'));
        socket.onopen = () => { read.push(url); resolve(); };
        socket.onerror = resolve;
      });
      const blind = {mode: 'no-cors'};
      const post = (body, type) =>
          ({method: 'POST', body: new Blob([body], type ? {type} : {})});
      const call = (target, body) => ({
        method: 'POST',
        headers: {
          'X-Amz-Target': 'DynamoDB_20120810.' + target,
          'Content-Type': 'application/x-amz-json-1.0',
          'Authorization': 'AWS4-HMAC-SHA256 Credential=any/20260101/us-east-1/dynamodb/aws4_request'
        },
        body
      });
      const tries = [];
      for (const get of [
        api + '/items',
        api + '/send-notification?message=Stolen',
        api + '/docs',
        api + '/_local/',
        api + '/_local/tables/Items',
        sqs + '/?Action=ListQueues',
        queue + 'NotificationQueue?Action=SendMessage&MessageBody=Stolen',
        queue + 'NotificationQueue?Action=ReceiveMessage',
        queue + 'NotificationDeadLetterQueue?Action=PurgeQueue',
        dynamoDb + '/',
        issuer + '/keys',
      ]) {
        tries.push(fetched(get), fetched(get, blind), shown('img', get), shown('script', get));
      }
      for (const type of ['', 'text/plain', 'application/x-www-form-urlencoded']) {
        for (const [url, body] of [
          [api + '/items', item],
          [api + '/notifications', '{"message": "Stolen"}'],
          [api + '/_local/queues/NotificationDeadLetterQueue/purge', ''],
          [queue + 'NotificationDeadLetterQueue', 'Action=PurgeQueue'],
          [queue + 'NotificationQueue', 'Action=SendMessage&MessageBody=Stolen'],
          [issuer + '/token', 'sub=page'],
        ]) {
          tries.push(fetched(url, post(body, type)), fetched(url, {...post(body, type), ...blind}));
        }
      }
      tries.push(
        fetched(api + '/items', post(item, 'application/json')),
        fetched(api + '/items/' + arguments[4], {method: 'DELETE'}),
        fetched(api + '/_local/queues/NotificationDeadLetterQueue/purge',
            {method: 'POST', headers: {'X-Local-Page': 'yes'}}),
        fetched(dynamoDb, call('ListTables', '{}')),
        fetched(dynamoDb, call('Scan', '{"TableName": "local-Items"}')),
        fetched(dynamoDb, call('DeleteTable', '{"TableName": "local-Items"}')),
        submitted(queue + 'NotificationDeadLetterQueue', 'application/x-www-form-urlencoded',
            {Action: 'PurgeQueue'}),
        submitted(queue + 'NotificationQueue', 'application/x-www-form-urlencoded',
            {Action: 'SendMessage', MessageBody: 'Stolen'}),
        submitted(api + '/items', 'text/plain', {'{"name": "Stolen", "price": 1, "tags": ["': '"]}'}),
        submitted(api + '/send-notification?message=Stolen', 'text/plain', {}),
        submitted(api + '/_local/queues/NotificationDeadLetterQueue/purge', 'text/plain', {}),
        submitted(issuer + '/token', 'application/x-www-form-urlencoded', {sub: 'page'}),
        streamed(api + '/_local/events'),
        connected(api + '/send-notification?message=Stolen'),
      );
      Promise.all(tries).then(() => done(read));
      """;

  private LocalRun run;
  private Backend backend;
  private Api api;
  private TokenIssuer issuer;
  private HttpServer other;
  private Chromium browser;
  private String item;

  @BeforeAll
  void open() throws Exception {
    // A run for containers accepts the most host names.
    run = ProjectTemplate.run().withoutPollers().page().engineHost("0.0.0.0").start();
    backend = new Backend(run);
    api = new Api(run.uri());
    issuer =
        new TokenIssuer(
            URI.create("http://127.0.0.1:0"), List.of("api"), List.of(), Clock.systemUTC());
    other = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    other.createContext("/", OtherPagesIT::page);
    other.start();
    browser =
        new Chromium(
            REBOUND,
            "other.example",
            "ip6-localhost",
            "kubernetes.docker.internal",
            "172.17.0.1",
            "0.0.0.0",
            "::ffff:7f00:1");
    item = api.send("POST", "/items", "{\"name\":\"" + SECRET + "\",\"price\":1}").text("id");
    api.send("POST", "/notifications", "{\"message\":\"" + SECRET + "\"}");
    backend.send(DEAD_LETTERS, SECRET, Duration.ZERO);
  }

  @AfterAll
  void close() {
    browser.close();
    other.stop(0);
    issuer.close();
    backend.close();
    run.close();
  }

  private static void page(HttpExchange exchange) throws IOException {
    byte[] html = "<!DOCTYPE html><title>Other</title><body>".getBytes(StandardCharsets.UTF_8);
    exchange.getResponseHeaders().set("Content-Type", "text/html");
    exchange.sendResponseHeaders(200, html.length);
    exchange.getResponseBody().write(html);
    exchange.close();
  }

  /** For a browser, another port of this machine is the same site but another origin. */
  @ParameterizedTest
  @ValueSource(strings = {"127.0.0.1", "localhost", "other.example"})
  void aPageOfAnotherOriginChangesAndReadsNothing(String host) {
    List<Object> before = state();
    browser.driver().get("http://" + host + ":" + other.getAddress().getPort() + "/");
    assertThat(browser.driver().getTitle()).isEqualTo("Other");

    assertThat(tries("127.0.0.1")).isEmpty();
    assertThat(state()).isEqualTo(before);
  }

  /** Chromium then sends no {@code Sec-Fetch-Site} header, and no origin with a {@code GET}. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "ip6-localhost",
        "kubernetes.docker.internal",
        "172.17.0.1",
        "0.0.0.0",
        "[::ffff:7f00:1]"
      })
  void noOtherNameOfThisMachineIsAWayIn(String host) {
    List<Object> before = state();
    browser.driver().get("http://other.example:" + other.getAddress().getPort() + "/");
    assertThat(tries(host)).isEmpty();
    assertThat(state()).isEqualTo(before);
  }

  @Test
  void aLinkOnAnotherPageChangesNothing() {
    List<Object> before = state();
    for (String link :
        List.of(
            run.uri() + "/send-notification?message=Stolen",
            run.queueUrl(QUEUE) + "?Action=SendMessage&MessageBody=Stolen",
            run.queueUrl(DEAD_LETTERS) + "?Action=PurgeQueue")) {
      browser.driver().get("http://localhost:" + other.getAddress().getPort() + "/");
      browser.driver().executeScript("location.href = arguments[0]", link);
      browser.one("pre");
      assertThat(browser.driver().getPageSource()).contains("web pages of another origin");
    }
    assertThat(state()).isEqualTo(before);
  }

  /** Simulates DNS rebinding: the page's name first led to another server. */
  @ParameterizedTest
  @ValueSource(strings = {REBOUND, "ip6-localhost", "kubernetes.docker.internal"})
  void aPageWhoseNameLeadsHereChangesAndReadsNothing(String name) {
    List<Object> before = state();
    for (URI server : List.of(run.uri(), run.dynamoDbEndpoint(), run.sqsEndpoint(), issuer.uri())) {
      browser.driver().get("http://" + name + ":" + server.getPort() + "/items");
      assertThat(browser.driver().getPageSource())
          .contains("The local run ")
          .doesNotContain(SECRET);
      assertThat(tries(name)).isEmpty();
    }
    assertThat(state()).isEqualTo(before);
  }

  /** Returns everything that a page can read from the servers under this host name. */
  private List<?> tries(String host) {
    Object read =
        browser
            .driver()
            .executeAsyncScript(
                TRIES,
                at(host, run.uri()),
                at(host, run.dynamoDbEndpoint()),
                at(host, run.sqsEndpoint()),
                at(host, issuer.uri()),
                item);
    return read instanceof List<?> list ? list : List.of("no answer");
  }

  private static String at(String host, URI server) {
    return "http://" + host + ":" + server.getPort();
  }

  /** Returns everything that a page could change. */
  private List<Object> state() {
    List<Object> state = new ArrayList<>();
    for (String table : List.of("Items", "Notifications", "Idempotency")) {
      state.add(backend.rows(table));
    }
    for (String queue : List.of(QUEUE, DEAD_LETTERS)) {
      state.add(backend.visible(queue) + backend.inFlight(queue));
    }
    return state;
  }
}

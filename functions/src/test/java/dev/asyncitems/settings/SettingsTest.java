package dev.asyncitems.settings;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import dev.asyncitems.function.CreateItem;
import dev.asyncitems.sdk.Clients;
import java.net.URI;
import java.time.Clock;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class SettingsTest {
  private static final List<Setting> SETTINGS =
      List.of(
          Setting.ITEMS_TABLE,
          Setting.READ_SHARDS,
          Setting.MAX_RECEIVE_COUNT,
          Setting.MAX_ATTEMPTS,
          Setting.VISIBILITY_TIMEOUT_SECONDS,
          Setting.DONE_RETENTION_DAYS,
          Setting.queue("NOTIFICATIONS"),
          Setting.deadLetterQueue("NOTIFICATIONS"));
  private static final String URL = "https://sqs.eu-west-1.amazonaws.com/123456789012/messages";
  private static final Map<String, String> COMPLETE =
      Map.of(
          "AWS_REGION", "eu-west-1",
          "ITEMS_TABLE", "items",
          "NOTIFICATIONS_QUEUE_URL", URL,
          "READ_SHARDS", "2",
          "DONE_RETENTION_DAYS", "0");

  @Test
  void valuesAreReadAsTheyAre() {
    Settings settings =
        Settings.read(
            COMPLETE,
            Setting.ITEMS_TABLE,
            Setting.queue("NOTIFICATIONS"),
            Setting.READ_SHARDS,
            Setting.DONE_RETENTION_DAYS);
    assertThat(settings.get(Setting.ITEMS_TABLE)).isEqualTo("items");
    assertThat(settings.get(Setting.queue("NOTIFICATIONS"))).isEqualTo(URL);
    assertThat(settings.number(Setting.READ_SHARDS)).isEqualTo(2);
    assertThat(settings.number(Setting.DONE_RETENTION_DAYS)).isZero();
    assertThat(settings.find(Setting.READ_SHARDS)).contains("2");
  }

  @Test
  void everyVariableThatIsMissingOrMalformedIsNamedAtOnce() {
    assertThatIllegalStateException()
        .isThrownBy(() ->
            Settings.read(
                Map.of(
                    "ITEMS_TABLE", "",
                    "NOTIFICATIONS_QUEUE_URL", "messages",
                    "READ_SHARDS", "0",
                    "ENDPOINT_URL_DYNAMODB", "localhost:8000",
                    "ENDPOINT_URL_SQS", "ftp://localhost"),
                Setting.ITEMS_TABLE,
                Setting.table("NOTIFICATIONS"),
                Setting.queue("NOTIFICATIONS"),
                Setting.READ_SHARDS))
        .withMessage(
            "environment variables: AWS_REGION is missing; ITEMS_TABLE is missing;"
                + " NOTIFICATIONS_TABLE is missing;"
                + " NOTIFICATIONS_QUEUE_URL must be a queue's URL;"
                + " READ_SHARDS must be a whole number from 1 to 99;"
                + " ENDPOINT_URL_DYNAMODB must be a URL, or empty;"
                + " ENDPOINT_URL_SQS must be a URL, or empty");
  }

  @Test
  void aFunctionTellsWhatItLacksWhenItIsMade() {
    assertThatIllegalStateException()
        .isThrownBy(() -> new CreateItem(Map.of("AWS_REGION", "eu-west-1"), Clock.systemUTC()))
        .withMessage(
            "environment variables: ITEMS_TABLE is missing; IDEMPOTENCY_TABLE is missing;"
                + " WRITE_SHARDS is missing");
  }

  @ParameterizedTest
  @CsvSource({
    "READ_SHARDS, 100",
    "READ_SHARDS, -1",
    "READ_SHARDS, '2 '",
    "READ_SHARDS, 02",
    "READ_SHARDS, two",
    "READ_SHARDS, ٣",
    "MAX_RECEIVE_COUNT, 0",
    "MAX_ATTEMPTS, 0",
    "VISIBILITY_TIMEOUT_SECONDS, 100000",
    "VISIBILITY_TIMEOUT_SECONDS, 3m",
    "NOTIFICATIONS_DEAD_LETTER_QUEUE_URL, letters",
    "DONE_RETENTION_DAYS, -1",
    "DONE_RETENTION_DAYS, 100000",
    "ITEMS_TABLE, ab",
    "ITEMS_TABLE, 'a b c'",
    "NOTIFICATIONS_QUEUE_URL, https://",
    "NOTIFICATIONS_QUEUE_URL, 'https://a b'",
    "NOTIFICATIONS_QUEUE_URL, 'http://[x'",
    "NOTIFICATIONS_QUEUE_URL, 'http://a/%zz'"
  })
  void aValueOfAnotherFormIsMalformed(String name, String value) {
    Setting setting =
        SETTINGS.stream().filter(known -> known.name().equals(name)).findFirst().orElseThrow();
    // The message omits the value, which may be a misplaced secret.
    assertThatIllegalStateException()
        .isThrownBy(() -> Settings.read(with(name, value), setting))
        .withMessage("environment variables: " + name + " must be " + setting.form().text());
  }

  @Test
  void whatWasNotAskedForIsNotRead() {
    Settings settings = Settings.read(COMPLETE, Setting.ITEMS_TABLE);
    assertThat(settings.find(Setting.READ_SHARDS)).isEmpty();
    assertThatIllegalArgumentException().isThrownBy(() -> settings.get(Setting.READ_SHARDS));
  }

  @Test
  void withoutAnEndpointTheRegionsOwnIsUsed() {
    Clients.Config config = Settings.read(COMPLETE).aws(8);
    assertThat(config.region()).isEqualTo("eu-west-1");
    assertThat(config.connections()).isEqualTo(8);
    assertThat(config.dynamoDbEndpoint()).isEmpty();
    assertThat(config.sqsEndpoint()).isEmpty();
  }

  @Test
  void anEmptyVariableIsAsGoodAsUnset() {
    Map<String, String> environment = new HashMap<>(COMPLETE);
    for (String name :
        new String[] {
          "ENDPOINT_URL_DYNAMODB",
          "ENDPOINT_URL_SQS",
          "AWS_ENDPOINT_URL_DYNAMODB",
          "AWS_ENDPOINT_URL_SQS",
          "AWS_ENDPOINT_URL",
          "AWS_ACCESS_KEY_ID",
          "AWS_SESSION_TOKEN"
        }) {
      environment.put(name, "");
    }
    Clients.Config config = Settings.read(environment).aws(1);
    assertThat(config.dynamoDbEndpoint()).isEmpty();
    assertThat(config.sqsEndpoint()).isEmpty();
    assertThat(config.credentials()).isEmpty();
    environment.put("AWS_REGION", "");
    assertThatIllegalStateException()
        .isThrownBy(() -> Settings.read(environment))
        .withMessage("environment variables: AWS_REGION is missing");
  }

  @Test
  void ourOwnEndpointComesBeforeTheServicesAndThatBeforeTheCommonOne() {
    Map<String, String> environment = new HashMap<>(COMPLETE);
    environment.put("AWS_ENDPOINT_URL", "http://common:1");
    assertEndpoints(environment, "http://common:1", "http://common:1");
    environment.put("AWS_ENDPOINT_URL_DYNAMODB", "http://dynamodb:2");
    assertEndpoints(environment, "http://dynamodb:2", "http://common:1");
    environment.put("AWS_ENDPOINT_URL_SQS", "http://sqs:3");
    assertEndpoints(environment, "http://dynamodb:2", "http://sqs:3");
    environment.put("ENDPOINT_URL_DYNAMODB", "http://own:4");
    environment.put("ENDPOINT_URL_SQS", "");
    assertEndpoints(environment, "http://own:4", "http://sqs:3");
    environment.put("ENDPOINT_URL_SQS", "http://own:5/path");
    assertEndpoints(environment, "http://own:4", "http://own:5/path");
  }

  private static void assertEndpoints(
      Map<String, String> environment, String dynamoDb, String sqs) {
    Clients.Config config = Settings.read(environment).aws(1);
    assertThat(config.dynamoDbEndpoint()).contains(URI.create(dynamoDb));
    assertThat(config.sqsEndpoint()).contains(URI.create(sqs));
  }

  @Test
  void credentialsAreReadAndNeverPrinted() {
    Map<String, String> environment = new HashMap<>(COMPLETE);
    environment.put("AWS_ACCESS_KEY_ID", "an-id");
    environment.put("AWS_SECRET_ACCESS_KEY", "a-secret");
    environment.put("AWS_SESSION_TOKEN", "a-token");
    Clients.Config config = Settings.read(environment).aws(1);
    Clients.Credentials credentials = config.credentials().orElseThrow();
    assertThat(credentials.accessKeyId()).isEqualTo("an-id");
    assertThat(credentials.secret()).isEqualTo("a-secret");
    assertThat(credentials.token()).contains("a-token");
    assertThat(config + " " + credentials)
        .doesNotContain("an-id")
        .doesNotContain("a-secret")
        .doesNotContain("a-token");
  }

  private static Map<String, String> with(String name, String value) {
    Map<String, String> environment = new HashMap<>(COMPLETE);
    environment.put(name, value);
    return environment;
  }
}

package dev.asyncitems.settings;

import dev.asyncitems.sdk.Clients;
import java.net.URI;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/** The environment variables of a function. Immutable. */
public final class Settings {
  private final Map<String, String> environment;
  // The keys are names, since hashing a record would generate code at each cold start.
  private final Map<String, String> values = new HashMap<>();

  private Settings(Map<String, String> environment) {
    this.environment = Map.copyOf(environment);
  }

  /**
   * Reads environment variables.
   *
   * @param needed the variables that the function needs in addition to the region
   * @throws IllegalStateException if variables are missing or malformed; the message names all of
   *     them
   */
  public static Settings read(Map<String, String> environment, Setting... needed) {
    Settings settings = new Settings(environment);
    List<String> faults = new ArrayList<>();
    if (settings.text("AWS_REGION").isEmpty()) {
      faults.add("AWS_REGION is missing");
    }
    for (Setting setting : needed) {
      String value = settings.text(setting.name()).orElse("");
      if (value.isEmpty()) {
        faults.add(setting.name() + " is missing");
      } else if (!setting.form().matches(value)) {
        faults.add(setting.name() + " must be " + setting.form().text());
      }
      settings.values.put(setting.name(), value);
    }
    for (String name : ENDPOINTS) {
      settings
          .text(name)
          .filter(url -> !Setting.Form.URL.matches(url))
          .ifPresent(url -> faults.add(name + " must be a URL, or empty"));
    }
    if (!faults.isEmpty()) {
      throw new IllegalStateException("environment variables: " + String.join("; ", faults));
    }
    return settings;
  }

  private static final String DYNAMODB_ENDPOINT = "ENDPOINT_URL_DYNAMODB";
  private static final String SQS_ENDPOINT = "ENDPOINT_URL_SQS";
  private static final String STANDARD_DYNAMODB_ENDPOINT = "AWS_ENDPOINT_URL_DYNAMODB";
  private static final String STANDARD_SQS_ENDPOINT = "AWS_ENDPOINT_URL_SQS";
  private static final String STANDARD_ENDPOINT = "AWS_ENDPOINT_URL";
  private static final List<String> ENDPOINTS =
      List.of(
          DYNAMODB_ENDPOINT,
          SQS_ENDPOINT,
          STANDARD_DYNAMODB_ENDPOINT,
          STANDARD_SQS_ENDPOINT,
          STANDARD_ENDPOINT);

  /** Returns the value of a needed variable. */
  public String get(Setting setting) {
    String value = values.get(setting.name());
    if (value == null) {
      throw new IllegalArgumentException(setting.name() + " is not among the needed variables");
    }
    return value;
  }

  public int number(Setting setting) {
    return Integer.parseInt(get(setting));
  }

  /** Returns the value of a variable, or empty if the function does not need it. */
  public Optional<String> find(Setting setting) {
    return Optional.ofNullable(values.get(setting.name()));
  }

  /**
   * Returns the configuration of the AWS clients. Our endpoint variables take precedence over the
   * variables of AWS ("Service-specific endpoints", AWS SDKs and Tools Reference Guide).
   *
   * @param connections the maximum number of concurrent calls
   */
  public Clients.Config aws(int connections) {
    return new Clients.Config(
        text("AWS_REGION").orElseThrow(),
        text("AWS_ACCESS_KEY_ID")
            .map(id ->
                new Clients.Credentials(
                    id, text("AWS_SECRET_ACCESS_KEY").orElse(""), text("AWS_SESSION_TOKEN"))),
        endpoint(DYNAMODB_ENDPOINT, STANDARD_DYNAMODB_ENDPOINT),
        endpoint(SQS_ENDPOINT, STANDARD_SQS_ENDPOINT),
        connections);
  }

  private Optional<URI> endpoint(String own, String standard) {
    return Stream.of(own, standard, STANDARD_ENDPOINT)
        .flatMap(name -> text(name).stream())
        .findFirst()
        .map(URI::create);
  }

  // template.yaml passes an unset endpoint as an empty string, so an empty value counts as unset.
  private Optional<String> text(String name) {
    return Optional.ofNullable(environment.get(name)).filter(value -> !value.isEmpty());
  }
}

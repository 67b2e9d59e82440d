package dev.asyncitems.settings;

import dev.asyncitems.sdk.Clients;
import java.net.URI;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/** A function's environment, read once. Immutable. */
public final class Settings {
  private final Map<String, String> environment;
  private final Map<Setting, String> values = new EnumMap<>(Setting.class);

  private Settings(Map<String, String> environment) {
    this.environment = Map.copyOf(environment);
  }

  /**
   * Reads an environment.
   *
   * @param needed what the function needs besides the region
   * @throws IllegalStateException if variables are missing or malformed; it names all of them
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
        faults.add(setting + " is missing");
      } else if (!setting.isValid(value)) {
        faults.add(setting + " must be " + setting.form());
      }
      settings.values.put(setting, value);
    }
    for (String name : ENDPOINTS) {
      settings
          .text(name)
          .filter(url -> !Setting.Form.URL.matcher(url).matches())
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

  /** A value that the function said it needs. */
  public String get(Setting setting) {
    String value = values.get(setting);
    if (value == null) {
      throw new IllegalArgumentException(setting + " was not asked for");
    }
    return value;
  }

  /** A whole number that the function said it needs. */
  public int number(Setting setting) {
    return Integer.parseInt(get(setting));
  }

  /** A value, if the function said that it needs it. */
  public Optional<String> find(Setting setting) {
    return Optional.ofNullable(values.get(setting));
  }

  /**
   * How AWS is reached. Our own endpoint variables come before AWS's standard ones
   * ("Service-specific endpoints", AWS SDKs and Tools Reference Guide).
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

  // A variable that a template sets to nothing is as good as unset.
  private Optional<String> text(String name) {
    return Optional.ofNullable(environment.get(name)).filter(value -> !value.isEmpty());
  }
}

package dev.asyncitems.sdk;

import dev.asyncitems.metric.Contention;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.AwsCredentials;
import software.amazon.awssdk.auth.credentials.AwsCredentialsProvider;
import software.amazon.awssdk.auth.credentials.AwsSessionCredentials;
import software.amazon.awssdk.auth.credentials.ContainerCredentialsProvider;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.awscore.client.builder.AwsAsyncClientBuilder;
import software.amazon.awssdk.awscore.client.builder.AwsClientBuilder;
import software.amazon.awssdk.core.client.config.SdkAdvancedAsyncClientOption;
import software.amazon.awssdk.http.async.SdkAsyncHttpClient;
import software.amazon.awssdk.http.crt.AwsCrtAsyncHttpClient;
import software.amazon.awssdk.profiles.ProfileFile;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.dynamodb.DynamoDbAsyncClient;
import software.amazon.awssdk.services.sqs.SqsAsyncClient;

/**
 * The SDK's clients of one function. They share one HTTP client and are built when an adapter first
 * asks for them, during init. One thread asks; the clients themselves are thread-safe.
 */
public final class Clients implements AutoCloseable {
  private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(1);
  // Shorter than AWS keeps an idle connection, so that a stale one is seldom used.
  private static final Duration MAX_IDLE = Duration.ofSeconds(15);
  private static final int MAX_ATTEMPTS = 4;

  // What isn't said here the SDK looks for in files of ~/.aws, which a function doesn't have. Once
  // it asks for them all the same, whatever it is told.
  private static final ProfileFile NO_PROFILES = ProfileFile.aggregator().build();

  private final Config config;
  private final Contention contention;
  private final SdkAsyncHttpClient http;
  // One for both clients: a container's answers a call to its endpoint, and the first call of all
  // is started by the thread that may wait for it.
  private final AwsCredentialsProvider credentials;
  private final List<AutoCloseable> open = new ArrayList<>();
  private @Nullable DynamoDbAsyncClient dynamoDb;
  private @Nullable SqsAsyncClient sqs;

  /**
   * @param contention where the store's conflicts and retries are counted
   */
  public Clients(Config config, Contention contention) {
    this.config = config;
    this.contention = contention;
    AwsCrtAsyncHttpClient.Builder builder =
        AwsCrtAsyncHttpClient.builder()
            .maxConcurrency(config.connections())
            .connectionTimeout(CONNECT_TIMEOUT)
            .connectionMaxIdleTime(MAX_IDLE);
    if (config.isLocal()) {
      // A proxy that the environment names (HTTP_PROXY) does not lead back to this machine.
      builder.proxyConfiguration(
          proxy -> proxy.useEnvironmentVariableValues(false).useSystemPropertyValues(false));
    }
    http = builder.build();
    open.add(http);
    credentials =
        config
            .credentials()
            .<AwsCredentialsProvider>map(
                given -> StaticCredentialsProvider.create(credentials(given)))
            .orElseGet(() -> ContainerCredentialsProvider.builder().build());
  }

  /**
   * How AWS is reached.
   *
   * @param credentials empty where Lambda gives them by its container endpoint (SnapStart)
   * @param dynamoDbEndpoint empty for the region's own
   * @param sqsEndpoint empty for the region's own
   * @param connections how many calls may be under way at once
   */
  public record Config(
      String region,
      Optional<Credentials> credentials,
      Optional<URI> dynamoDbEndpoint,
      Optional<URI> sqsEndpoint,
      int connections) {
    private static final Pattern LOOPBACK =
        Pattern.compile("(localhost|127(\\.[0-9]{1,3}){3}|\\[::1])(:[0-9]*)?");

    /** Returns whether an endpoint is on this machine. */
    boolean isLocal() {
      return Stream.of(dynamoDbEndpoint, sqsEndpoint)
          .flatMap(Optional::stream)
          .anyMatch(endpoint -> LOOPBACK.matcher(endpoint.getAuthority()).matches());
    }
  }

  /** An access key, with a session token where it is temporary. */
  public record Credentials(String accessKeyId, String secret, Optional<String> token) {
    /** Keeps the secrets out of logs. */
    @Override
    public String toString() {
      return "Credentials";
    }
  }

  /**
   * Returns the client for DynamoDB, built at the first call and closed with this object. Its
   * retries are counted.
   */
  public DynamoDbAsyncClient dynamoDb() {
    if (dynamoDb == null) {
      dynamoDb =
          configured(DynamoDbAsyncClient.builder(), config.dynamoDbEndpoint(), contention).build();
      open.addFirst(dynamoDb);
    }
    return dynamoDb;
  }

  /**
   * Returns the client for SQS, built at the first call and closed with this object. Nobody counts
   * its retries.
   */
  public SqsAsyncClient sqs() {
    if (sqs == null) {
      sqs =
          // the queue's are nobody's to count
          configured(SqsAsyncClient.builder(), config.sqsEndpoint(), new Contention()).build();
      open.addFirst(sqs);
    }
    return sqs;
  }

  private <B extends AwsAsyncClientBuilder<B, C> & AwsClientBuilder<B, C>, C> B configured(
      B builder, Optional<URI> endpoint, Contention counted) {
    endpoint.ifPresent(builder::endpointOverride);
    return builder
        .region(Region.of(config.region()))
        .credentialsProvider(credentials)
        .httpClient(http)
        // Nothing of ours that follows a call waits, so it needs no thread to be handed to.
        .asyncConfiguration(async ->
            async.advancedOption(
                SdkAdvancedAsyncClientOption.FUTURE_COMPLETION_EXECUTOR, Runnable::run))
        .overrideConfiguration(override ->
            override
                .defaultProfileFileSupplier(() -> NO_PROFILES)
                .addExecutionInterceptor(new Calls.Interceptor(counted))
                .retryStrategy(new ForgivingRetries(MAX_ATTEMPTS, config.connections())));
  }

  private static AwsCredentials credentials(Credentials given) {
    return given
        .token()
        .<AwsCredentials>map(
            token -> AwsSessionCredentials.create(given.accessKeyId(), given.secret(), token))
        .orElseGet(() -> AwsBasicCredentials.create(given.accessKeyId(), given.secret()));
  }

  /** Closes the clients; calls under way fail. */
  @Override
  public void close() {
    for (AutoCloseable resource : open) {
      try {
        resource.close();
      } catch (Exception e) {
        throw new IllegalStateException("a client could not be closed", e);
      }
    }
    open.clear();
  }
}

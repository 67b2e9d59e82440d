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
import software.amazon.awssdk.services.sqs.SqsAsyncClientBuilder;

/**
 * The SDK clients of one function. They share one HTTP client. One thread creates the clients
 * during init. The clients are thread-safe.
 */
public final class Clients implements AutoCloseable {
  private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(1);
  // AWS keeps idle connections longer, so the pool seldom offers a stale connection.
  private static final Duration MAX_IDLE = Duration.ofSeconds(15);
  private static final int MAX_ATTEMPTS = 4;

  // Keeps the SDK from searching for ~/.aws, which a function does not have.
  private static final ProfileFile NO_PROFILES = ProfileFile.aggregator().build();

  private final Config config;
  private final Contention contention;
  private final SdkAsyncHttpClient http;
  // Both clients share one credentials provider. It fetches container credentials over HTTP, so
  // only the invoking thread may block on the first fetch.
  private final AwsCredentialsProvider credentials;
  private final List<AutoCloseable> open = new ArrayList<>();
  private @Nullable DynamoDbAsyncClient dynamoDb;
  private @Nullable SqsAsyncClient sqs;

  /** Creates clients. Only the client for DynamoDB counts conflicts and retries. */
  public Clients(Config config, Contention contention) {
    this.config = config;
    this.contention = contention;
    AwsCrtAsyncHttpClient.Builder builder =
        AwsCrtAsyncHttpClient.builder()
            .maxConcurrency(config.connections())
            .connectionTimeout(CONNECT_TIMEOUT)
            .connectionMaxIdleTime(MAX_IDLE);
    if (config.isLocal()) {
      // A proxy from the environment (HTTP_PROXY) cannot reach this machine's loopback addresses.
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
   * The configuration of the clients.
   *
   * @param credentials empty if Lambda's container endpoint provides them (SnapStart)
   * @param dynamoDbEndpoint empty for the region's endpoint
   * @param sqsEndpoint empty for the region's endpoint
   * @param connections the maximum number of concurrent calls
   */
  public record Config(
      String region,
      Optional<Credentials> credentials,
      Optional<URI> dynamoDbEndpoint,
      Optional<URI> sqsEndpoint,
      int connections) {
    private static final Pattern LOOPBACK =
        Pattern.compile("(localhost|127(\\.[0-9]{1,3}){3}|\\[::1])(:[0-9]*)?");

    /** Returns whether at least one endpoint has a loopback address. */
    boolean isLocal() {
      return Stream.of(dynamoDbEndpoint, sqsEndpoint)
          .flatMap(Optional::stream)
          .anyMatch(endpoint -> LOOPBACK.matcher(endpoint.getAuthority()).matches());
    }
  }

  /** An access key. Permanent credentials have no session token. */
  public record Credentials(String accessKeyId, String secret, Optional<String> token) {
    /** Keeps the secrets out of logs. */
    @Override
    public String toString() {
      return "Credentials";
    }
  }

  public DynamoDbAsyncClient dynamoDb() {
    if (dynamoDb == null) {
      dynamoDb =
          configured(DynamoDbAsyncClient.builder(), config.dynamoDbEndpoint(), contention).build();
      open.addFirst(dynamoDb);
    }
    return dynamoDb;
  }

  /** Returns the client for SQS. Its retries are not counted. */
  public SqsAsyncClient sqs() {
    if (sqs == null) {
      // TLS already detects damage, so messages need no MD5 digests.
      SqsAsyncClientBuilder builder = SqsAsyncClient.builder().checksumValidationEnabled(false);
      sqs = configured(builder, config.sqsEndpoint(), new Contention()).build();
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
        // Our callbacks never block, so they can run on the SDK's own threads.
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

  /** Closes the clients. Pending calls fail. */
  @Override
  public void close() {
    for (AutoCloseable resource : open) {
      try {
        resource.close();
      } catch (Exception e) {
        throw new IllegalStateException("failed to close a client", e);
      }
    }
    open.clear();
  }
}

package dev.asyncitems.local.engine;

import software.amazon.awssdk.protocols.json.internal.AwsStructuredPlainJsonFactory;
import software.amazon.awssdk.protocols.jsoncore.JsonNodeParser;
import software.amazon.awssdk.thirdparty.jackson.core.JsonFactory;

/**
 * The names that the AWS SDK keeps from the JSON that it reads. All its clients share one table,
 * which gives up on names that are made to collide, and then stays damaged. Whoever sends a message
 * chooses the names of its attributes: a response with such messages could not be read, although
 * they were received by then, and so they stayed in flight.
 */
public final class SdkNames {

  private SdkNames() {}

  /**
   * Lets the SDK keep no names, in this JVM. The SDK has no setting for that: its factories are
   * changed.
   */
  @SuppressWarnings("deprecation") // the builder that is recommended can't change what is there
  public static void keepNone() {
    JsonNodeParser.DEFAULT_JSON_FACTORY.configure(
        JsonFactory.Feature.CANONICALIZE_FIELD_NAMES, false);
    AwsStructuredPlainJsonFactory.SDK_JSON_FACTORY
        .getJsonFactory()
        .configure(JsonFactory.Feature.CANONICALIZE_FIELD_NAMES, false);
  }
}

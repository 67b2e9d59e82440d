package dev.asyncitems.local.engine;

import software.amazon.awssdk.protocols.json.internal.AwsStructuredPlainJsonFactory;
import software.amazon.awssdk.protocols.jsoncore.JsonNodeParser;
import software.amazon.awssdk.thirdparty.jackson.core.JsonFactory;

/**
 * Turns off the AWS SDK's table of JSON names.
 *
 * <p>All clients of the SDK share the table. Names that are crafted to collide make it throw, and
 * it stays damaged. Anybody who sends a message chooses such names for its attributes. The consumer
 * could then not read the response, and the received messages would stay in flight.
 */
public final class SdkNames {

  private SdkNames() {}

  /** Turns the table off. Changes the SDK's shared factories, because it lacks a setting. */
  @SuppressWarnings("deprecation") // the recommended builder can't change existing factories
  public static void keepNone() {
    JsonNodeParser.DEFAULT_JSON_FACTORY.configure(
        JsonFactory.Feature.CANONICALIZE_FIELD_NAMES, false);
    AwsStructuredPlainJsonFactory.SDK_JSON_FACTORY
        .getJsonFactory()
        .configure(JsonFactory.Feature.CANONICALIZE_FIELD_NAMES, false);
  }
}

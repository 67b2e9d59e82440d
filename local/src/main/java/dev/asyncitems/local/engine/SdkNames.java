package dev.asyncitems.local.engine;

import software.amazon.awssdk.protocols.json.internal.AwsStructuredPlainJsonFactory;
import software.amazon.awssdk.protocols.jsoncore.JsonNodeParser;
import software.amazon.awssdk.thirdparty.jackson.core.JsonFactory;

/**
 * A switch that turns off the AWS SDK's table of JSON names, which all clients share.
 *
 * <p>Names that are crafted to collide make the table throw, and it stays damaged. Any sender of a
 * message can choose such names for its attributes. The consumer could then not read the response,
 * and the received messages would stay in flight.
 */
public final class SdkNames {

  private SdkNames() {}

  /** Turns the table off in the SDK's shared factories, because the SDK has no setting for it. */
  @SuppressWarnings("deprecation") // The recommended builder cannot change existing factories.
  public static void keepNone() {
    JsonNodeParser.DEFAULT_JSON_FACTORY.configure(
        JsonFactory.Feature.CANONICALIZE_FIELD_NAMES, false);
    AwsStructuredPlainJsonFactory.SDK_JSON_FACTORY
        .getJsonFactory()
        .configure(JsonFactory.Feature.CANONICALIZE_FIELD_NAMES, false);
  }
}

package dev.asyncitems.local.engine;

import software.amazon.awssdk.protocols.json.internal.AwsStructuredPlainJsonFactory;
import software.amazon.awssdk.protocols.jsoncore.JsonNodeParser;
import software.amazon.awssdk.thirdparty.jackson.core.JsonFactory;

/**
 * A switch that turns off the table of JSON names that all AWS SDK clients of a JVM share.
 *
 * <p>Names with crafted hash collisions make the table throw, for later responses too. Any sender
 * of a message can choose such names for the message's attributes. A consumer could then not parse
 * the response, and the received messages would stay in flight.
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

package dev.asyncitems.lambda;

import com.amazonaws.services.lambda.runtime.events.APIGatewayV2HTTPEvent;
import com.amazonaws.services.lambda.runtime.events.APIGatewayV2HTTPEvent.RequestContext;
import com.amazonaws.services.lambda.runtime.events.APIGatewayV2HTTPResponse;
import com.amazonaws.services.lambda.runtime.events.SQSBatchResponse;
import com.amazonaws.services.lambda.runtime.events.SQSEvent;
import com.amazonaws.services.lambda.runtime.events.SQSEvent.MessageAttribute;
import com.amazonaws.services.lambda.runtime.events.SQSEvent.SQSMessage;
import dev.asyncitems.http.UnreadableEvent;
import dev.asyncitems.json.JsonCodec;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;

/**
 * A codec for Lambda's events and responses. The runtime's own mapper uses reflection, which costs
 * a third of a second at each cold start.
 *
 * <p>Members that the functions do not use are skipped. Source: "Working with AWS Lambda proxy
 * integrations for HTTP APIs" (payload format 2.0) and "Using Lambda with Amazon SQS".
 */
final class EventCodec {
  private EventCodec() {}

  /**
   * Reads an event of an HTTP API.
   *
   * @throws UnreadableEvent if the event is not a JSON object
   */
  static APIGatewayV2HTTPEvent readHttpEvent(InputStream in) {
    APIGatewayV2HTTPEvent event = new APIGatewayV2HTTPEvent();
    event.setRequestContext(new RequestContext());
    event.getRequestContext().setHttp(new RequestContext.Http());
    read(in, parser -> members(parser, name -> readHttpMember(parser, name, event)));
    return event;
  }

  private static void readHttpMember(JsonParser parser, String name, APIGatewayV2HTTPEvent event) {
    switch (name) {
      case "routeKey" -> event.setRouteKey(string(parser));
      case "rawPath" -> event.setRawPath(string(parser));
      case "rawQueryString" -> event.setRawQueryString(string(parser));
      case "headers" -> event.setHeaders(stringMap(parser));
      case "pathParameters" -> event.setPathParameters(stringMap(parser));
      case "stageVariables" -> event.setStageVariables(stringMap(parser));
      case "body" -> event.setBody(string(parser));
      case "isBase64Encoded" -> event.setIsBase64Encoded(parser.getValueAsBoolean());
      case "requestContext" ->
          members(parser, member -> readContextMember(parser, member, event.getRequestContext()));
      default -> parser.skipChildren();
    }
  }

  private static void readContextMember(JsonParser parser, String name, RequestContext context) {
    switch (name) {
      case "requestId" -> context.setRequestId(string(parser));
      case "stage" -> context.setStage(string(parser));
      case "http" ->
          members(parser, member -> readHttpContextMember(parser, member, context.getHttp()));
      case "authorizer" ->
          members(
              parser,
              member -> {
                if (member.equals("jwt")) {
                  RequestContext.Authorizer authorizer = new RequestContext.Authorizer();
                  authorizer.setJwt(new RequestContext.Authorizer.JWT());
                  members(parser, part -> readJwtMember(parser, part, authorizer.getJwt()));
                  context.setAuthorizer(authorizer);
                } else {
                  parser.skipChildren();
                }
              });
      default -> parser.skipChildren();
    }
  }

  private static void readHttpContextMember(
      JsonParser parser, String name, RequestContext.Http http) {
    if (name.equals("method")) {
      http.setMethod(string(parser));
    } else {
      parser.skipChildren();
    }
  }

  private static void readJwtMember(
      JsonParser parser, String name, RequestContext.Authorizer.JWT jwt) {
    if (name.equals("claims")) {
      jwt.setClaims(stringMap(parser));
    } else {
      parser.skipChildren();
    }
  }

  /**
   * Reads a batch of messages.
   *
   * @throws UnreadableEvent if the event is not a JSON object
   */
  static SQSEvent readSqsEvent(InputStream in) {
    List<SQSMessage> messages = new ArrayList<>();
    read(
        in,
        parser ->
            members(
                parser,
                name -> {
                  if (name.equals("Records")) {
                    elements(
                        parser,
                        () -> {
                          SQSMessage message = new SQSMessage();
                          members(parser, member -> readSqsMember(parser, member, message));
                          messages.add(message);
                        });
                  } else {
                    parser.skipChildren();
                  }
                }));
    SQSEvent event = new SQSEvent();
    event.setRecords(messages);
    return event;
  }

  private static void readSqsMember(JsonParser parser, String name, SQSMessage message) {
    switch (name) {
      case "messageId" -> message.setMessageId(string(parser));
      case "receiptHandle" -> message.setReceiptHandle(string(parser));
      case "body" -> message.setBody(string(parser));
      case "attributes" -> message.setAttributes(stringMap(parser));
      case "messageAttributes" -> {
        Map<String, MessageAttribute> attributes = new LinkedHashMap<>();
        members(parser, key -> attributes.put(key, readAttribute(parser)));
        message.setMessageAttributes(attributes);
      }
      default -> parser.skipChildren();
    }
  }

  private static MessageAttribute readAttribute(JsonParser parser) {
    MessageAttribute attribute = new MessageAttribute();
    members(
        parser,
        name -> {
          switch (name) {
            case "stringValue" -> attribute.setStringValue(string(parser));
            case "dataType" -> attribute.setDataType(string(parser));
            case "binaryValue" -> {
              String base64 = string(parser);
              if (base64 != null) {
                attribute.setBinaryValue(ByteBuffer.wrap(Base64.getDecoder().decode(base64)));
              }
            }
            default -> parser.skipChildren();
          }
        });
    return attribute;
  }

  /** Writes an HTTP response. */
  static void write(APIGatewayV2HTTPResponse response, OutputStream out) {
    JsonCodec.write(
        out,
        json -> {
          json.writeStartObject();
          json.writeNumberProperty("statusCode", response.getStatusCode());
          json.writeObjectPropertyStart("headers");
          response.getHeaders().forEach(json::writeStringProperty);
          json.writeEndObject();
          if (response.getBody() != null) {
            json.writeStringProperty("body", response.getBody());
          }
          json.writeBooleanProperty("isBase64Encoded", response.getIsBase64Encoded());
          json.writeEndObject();
        });
  }

  /** Writes the response to a batch: the ids of its failed messages. */
  static void write(SQSBatchResponse response, OutputStream out) {
    JsonCodec.write(
        out,
        json -> {
          json.writeStartObject();
          json.writeArrayPropertyStart("batchItemFailures");
          for (var failure : response.getBatchItemFailures()) {
            json.writeStartObject();
            json.writeStringProperty("itemIdentifier", failure.getItemIdentifier());
            json.writeEndObject();
          }
          json.writeEndArray();
          json.writeEndObject();
        });
  }

  private static void read(InputStream in, Consumer<JsonParser> content) {
    try (JsonParser parser = JsonCodec.LENIENT.createParser(ObjectReadContext.empty(), in)) {
      if (parser.nextToken() != JsonToken.START_OBJECT) {
        throw new UnreadableEvent("the event is not a JSON object");
      }
      content.accept(parser);
    } catch (JacksonException e) {
      throw new UnreadableEvent("the event " + JsonCodec.describe(e));
    }
  }

  private static void members(JsonParser parser, Consumer<String> member) {
    if (parser.currentToken() != JsonToken.START_OBJECT) {
      parser.skipChildren();
      return;
    }
    while (parser.nextToken() != JsonToken.END_OBJECT) {
      String name = parser.currentName();
      parser.nextToken();
      member.accept(name);
    }
  }

  private static void elements(JsonParser parser, Runnable element) {
    if (parser.currentToken() != JsonToken.START_ARRAY) {
      parser.skipChildren();
      return;
    }
    while (parser.nextToken() != JsonToken.END_ARRAY) {
      element.run();
    }
  }

  private static @Nullable String string(JsonParser parser) {
    if (parser.currentToken().isStructStart()) {
      parser.skipChildren();
      return null;
    }
    return parser.currentToken() == JsonToken.VALUE_NULL ? null : parser.getString();
  }

  private static Map<String, String> stringMap(JsonParser parser) {
    Map<String, String> map = new LinkedHashMap<>();
    members(
        parser,
        name -> {
          String value = string(parser);
          if (value != null) {
            map.put(name, value);
          }
        });
    return map;
  }
}

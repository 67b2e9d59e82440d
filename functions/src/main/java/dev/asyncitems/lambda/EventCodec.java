package dev.asyncitems.lambda;

import com.amazonaws.services.lambda.runtime.events.APIGatewayV2HTTPEvent;
import com.amazonaws.services.lambda.runtime.events.APIGatewayV2HTTPEvent.RequestContext;
import com.amazonaws.services.lambda.runtime.events.SQSEvent;
import com.amazonaws.services.lambda.runtime.events.SQSEvent.MessageAttribute;
import com.amazonaws.services.lambda.runtime.events.SQSEvent.SQSMessage;
import dev.asyncitems.http.Reply;
import dev.asyncitems.http.UnreadableEvent;
import dev.asyncitems.json.Json;
import dev.asyncitems.json.JsonCodec;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;

/**
 * A codec for Lambda's events and responses. The runtime's own mapper uses reflection, which costs
 * a third of a second at each cold start.
 *
 * <p>Unused members are ignored. Where text is expected, a number or a boolean becomes text, and an
 * array or object counts as absent. Readers throw {@link UnreadableEvent} if the event is not a
 * JSON object. Source: "Working with AWS Lambda proxy integrations for HTTP APIs" (payload format
 * 2.0) and "Using Lambda with Amazon SQS".
 */
final class EventCodec {
  private EventCodec() {}

  static APIGatewayV2HTTPEvent readHttpEvent(InputStream in) {
    Json.Obj given = read(in);
    APIGatewayV2HTTPEvent event = new APIGatewayV2HTTPEvent();
    event.setRouteKey(text(given, "routeKey"));
    event.setRawPath(text(given, "rawPath"));
    event.setRawQueryString(text(given, "rawQueryString"));
    event.setHeaders(texts(given, "headers"));
    event.setPathParameters(texts(given, "pathParameters"));
    event.setStageVariables(texts(given, "stageVariables"));
    event.setBody(text(given, "body"));
    event.setIsBase64Encoded("true".equals(text(given, "isBase64Encoded")));
    Json.Obj givenContext = object(given, "requestContext");
    RequestContext context = new RequestContext();
    context.setRequestId(text(givenContext, "requestId"));
    context.setStage(text(givenContext, "stage"));
    context.setHttp(new RequestContext.Http());
    context.getHttp().setMethod(text(object(givenContext, "http"), "method"));
    if (object(givenContext, "authorizer").members().get("jwt") instanceof Json.Obj token) {
      context.setAuthorizer(new RequestContext.Authorizer());
      context.getAuthorizer().setJwt(new RequestContext.Authorizer.JWT());
      context.getAuthorizer().getJwt().setClaims(texts(token, "claims"));
    }
    event.setRequestContext(context);
    return event;
  }

  static SQSEvent readSqsEvent(InputStream in) {
    SQSEvent event = new SQSEvent();
    event.setRecords(
        read(in).members().get("Records") instanceof Json.Arr(List<Json> records)
            ? records.stream().map(EventCodec::object).map(EventCodec::message).toList()
            : List.of());
    return event;
  }

  private static SQSMessage message(Json.Obj given) {
    SQSMessage message = new SQSMessage();
    message.setMessageId(text(given, "messageId"));
    message.setReceiptHandle(text(given, "receiptHandle"));
    message.setBody(text(given, "body"));
    message.setAttributes(texts(given, "attributes"));
    Map<String, MessageAttribute> attributes = new LinkedHashMap<>();
    object(given, "messageAttributes")
        .members()
        .forEach((name, value) -> attributes.put(name, attribute(object(value))));
    message.setMessageAttributes(attributes);
    return message;
  }

  private static MessageAttribute attribute(Json.Obj given) {
    MessageAttribute attribute = new MessageAttribute();
    attribute.setStringValue(text(given, "stringValue"));
    attribute.setDataType(text(given, "dataType"));
    Optional.ofNullable(text(given, "binaryValue"))
        .ifPresent(base64 ->
            attribute.setBinaryValue(ByteBuffer.wrap(Base64.getDecoder().decode(base64))));
    return attribute;
  }

  static void write(Reply reply, OutputStream out) {
    JsonCodec.write(
        out,
        json -> {
          json.writeStartObject();
          json.writeNumberProperty("statusCode", reply.status());
          json.writeObjectPropertyStart("headers");
          reply.headers().forEach(json::writeStringProperty);
          json.writeEndObject();
          reply.body().ifPresent(body -> json.writeStringProperty("body", body));
          json.writeBooleanProperty("isBase64Encoded", reply.base64());
          json.writeEndObject();
        });
  }

  /** Writes the response to a batch. It lists the ids of the failed messages. */
  static void write(List<String> failed, OutputStream out) {
    JsonCodec.write(
        out,
        json -> {
          json.writeStartObject();
          json.writeArrayPropertyStart("batchItemFailures");
          for (String id : failed) {
            json.writeStartObject();
            json.writeStringProperty("itemIdentifier", id);
            json.writeEndObject();
          }
          json.writeEndArray();
          json.writeEndObject();
        });
  }

  private static Json.Obj read(InputStream in) {
    try {
      return JsonCodec.readEvent(in) instanceof Json.Obj event
          ? event
          : throwUnreadable("is not a JSON object");
    } catch (JacksonException e) {
      return throwUnreadable(JsonCodec.describe(e));
    }
  }

  private static Json.Obj throwUnreadable(String fault) {
    throw new UnreadableEvent("the event " + fault);
  }

  private static Json.Obj object(@Nullable Json value) {
    return value instanceof Json.Obj object ? object : new Json.Obj(Map.of());
  }

  private static Json.Obj object(Json.Obj from, String name) {
    return object(from.members().get(name));
  }

  private static @Nullable String text(Json.Obj from, String name) {
    return text(from.members().get(name));
  }

  private static @Nullable String text(@Nullable Json value) {
    // A switch on types would generate a class at each cold start.
    if (value instanceof Json.Str(String text)) {
      return text;
    }
    if (value instanceof Json.Num(String literal)) {
      return literal;
    }
    return value instanceof Json.Bool(boolean bool) ? String.valueOf(bool) : null;
  }

  private static Map<String, String> texts(Json.Obj from, String name) {
    Map<String, String> texts = new LinkedHashMap<>();
    object(from, name)
        .members()
        .forEach((key, value) ->
            Optional.ofNullable(text(value)).ifPresent(text -> texts.put(key, text)));
    return texts;
  }
}

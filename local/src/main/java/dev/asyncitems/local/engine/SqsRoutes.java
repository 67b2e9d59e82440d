package dev.asyncitems.local.engine;

import dev.asyncitems.local.http.Guard;
import java.lang.reflect.Constructor;
import java.lang.reflect.Method;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.StreamSupport;
import org.apache.pekko.NotUsed;
import org.apache.pekko.actor.ActorRef;
import org.apache.pekko.actor.ActorSystem;
import org.apache.pekko.http.javadsl.model.ContentTypes;
import org.apache.pekko.http.javadsl.model.HttpHeader;
import org.apache.pekko.http.scaladsl.model.HttpRequest;
import org.apache.pekko.http.scaladsl.model.HttpResponse;
import org.apache.pekko.http.scaladsl.server.RequestContext;
import org.apache.pekko.http.scaladsl.server.RouteResult;
import org.apache.pekko.http.scaladsl.server.RouteResult$;
import org.apache.pekko.stream.Materializer;
import org.apache.pekko.stream.scaladsl.Flow;
import org.elasticmq.NodeAddress;
import org.elasticmq.StrictSQSLimits$;
import org.elasticmq.rest.sqs.AddPermissionDirectives;
import org.elasticmq.rest.sqs.AutoCreateQueuesConfig;
import org.elasticmq.rest.sqs.ElasticMQConfig;
import org.elasticmq.rest.sqs.SQSRestServerBuilder;
import org.elasticmq.rest.sqs.TheSQSRestServerBuilder;
import org.elasticmq.rest.sqs.XmlNsVersion;
import scala.Function1;
import scala.concurrent.Future;

/**
 * ElasticMQ's HTTP routes behind a guard. This class gets the routes from internal classes of
 * ElasticMQ by reflection. It supports only the version in {@code pom.xml}.
 */
final class SqsRoutes {

  private SqsRoutes() {}

  static Flow<HttpRequest, HttpResponse, NotUsed> of(
      ActorSystem system,
      ActorRef queues,
      NodeAddress address,
      String region,
      String account,
      Guard guard) {
    Function1<RequestContext, Future<RouteResult>> routes;
    try {
      routes = unguarded(system, queues, address, region, account);
    } catch (ReflectiveOperationException | RuntimeException e) {
      throw new EngineException(
          "The local run does not support this version of ElasticMQ: " + e, e);
    }
    Function1<RequestContext, Future<RouteResult>> guarded =
        context ->
            guard
                .rejection(name -> values(context.request(), name))
                .map(SqsRoutes::rejected)
                .orElseGet(() -> routes.apply(context));
    return RouteResult$.MODULE$.routeToFlow(guarded, system);
  }

  private static List<String> values(HttpRequest request, String name) {
    return StreamSupport.stream(request.getHeaders().spliterator(), false)
        .filter(header -> header.name().equalsIgnoreCase(name))
        .map(HttpHeader::value)
        .toList();
  }

  private static Future<RouteResult> rejected(String sentence) {
    HttpResponse response =
        (HttpResponse)
            org.apache.pekko.http.javadsl.model.HttpResponse.create()
                .withStatus(RejectionResponse.STATUS)
                .withEntity(
                    ContentTypes.parse(RejectionResponse.CONTENT_TYPE),
                    RejectionResponse.body(sentence));
    return Future.successful(new RouteResult.Complete(response));
  }

  private static Function1<RequestContext, Future<RouteResult>> unguarded(
      ActorSystem system, ActorRef queues, NodeAddress address, String region, String account)
      throws ReflectiveOperationException {
    TheSQSRestServerBuilder server =
        SQSRestServerBuilder.withAWSRegion(region).withAWSAccountId(account);
    Constructor<?> constructor =
        Class.forName(TheSQSRestServerBuilder.class.getName() + "$$anon$1").getConstructors()[0];
    Object directives =
        constructor.newInstance(
            new AtomicReference<>(address),
            system,
            Materializer.apply(system),
            queues,
            StrictSQSLimits$.MODULE$,
            AutoCreateQueuesConfig.disabled(),
            server);
    Method made =
        Arrays.stream(TheSQSRestServerBuilder.class.getDeclaredMethods())
            .filter(method ->
                Arrays.equals(
                    method.getParameterTypes(),
                    new Class<?>[] {
                      AddPermissionDirectives.class, ElasticMQConfig.class, XmlNsVersion.class
                    }))
            .findFirst()
            .orElseThrow();
    made.setAccessible(true);
    ElasticMQConfig config = new ElasticMQConfig();
    return XmlNsVersion.extractXmlNs()
        .tapply(version -> route(made, directives, config, version._1()));
  }

  @SuppressWarnings("unchecked") // The method returns this type in Scala.
  private static Function1<RequestContext, Future<RouteResult>> route(
      Method made, Object directives, ElasticMQConfig config, XmlNsVersion version) {
    try {
      return (Function1<RequestContext, Future<RouteResult>>)
          made.invoke(null, directives, config, version);
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException(e);
    }
  }
}

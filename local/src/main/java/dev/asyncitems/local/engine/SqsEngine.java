package dev.asyncitems.local.engine;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import dev.asyncitems.local.http.Guard;
import dev.asyncitems.local.http.Loopback;
import dev.asyncitems.local.template.Surroundings;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.pekko.actor.ActorRef;
import org.apache.pekko.actor.ActorSystem;
import org.apache.pekko.actor.Props;
import org.apache.pekko.http.scaladsl.Http$;
import org.apache.pekko.pattern.Patterns;
import org.elasticmq.NodeAddress;
import org.elasticmq.StrictSQSLimits$;
import org.elasticmq.actor.QueueManagerActor;
import org.elasticmq.actor.queue.InternalMessage;
import org.elasticmq.msg.LookupQueue;
import org.elasticmq.msg.RestoreMessages;
import org.elasticmq.rest.sqs.SQSRestServer;
import org.elasticmq.util.NowProvider;
import org.jspecify.annotations.Nullable;
import scala.Option;
import scala.jdk.javaapi.CollectionConverters;
import scala.jdk.javaapi.FutureConverters;

/**
 * The SQS engine ElasticMQ. With a folder, it stores each message before it responds to the sender.
 */
final class SqsEngine {

  private static final Duration TIMEOUT = Duration.ofSeconds(20);

  private final String host;
  private final @Nullable Path folder;
  private final Surroundings surroundings;
  private final Guard guard;
  private final int port;
  private final QueueContents contents = new QueueContents();
  private @Nullable Running running;

  private record Running(ActorSystem system, ActorRef queues, @Nullable MessageStore store) {}

  SqsEngine(String host, int port, @Nullable Path folder, Surroundings surroundings, Guard guard) {
    this.host = host;
    this.guard = guard;
    this.folder = folder;
    this.surroundings = surroundings;
    this.port = port;
  }

  synchronized void start() {
    if (running != null) {
      return;
    }
    Config config =
        ConfigFactory.parseString(
                """
                pekko.loglevel = OFF
                pekko.stdout-loglevel = OFF
                pekko.loggers = []
                pekko.daemonic = on
                pekko.jvm-shutdown-hooks = off
                pekko.jvm-exit-on-fatal-error = off
                pekko.coordinated-shutdown.run-by-jvm-shutdown-hook = off
                pekko.coordinated-shutdown.run-by-actor-system-terminate = off
                """)
            .withFallback(ConfigFactory.load(SQSRestServer.class.getClassLoader()));
    MessageStore store = folder == null ? null : MessageStore.open(folder);
    ActorSystem system =
        ActorSystem.create("sqs-" + port, config, SQSRestServer.class.getClassLoader());
    Option<ActorRef> listener =
        Option.apply(
            system.actorOf(Props.create(StoringActor.class, contents, Optional.ofNullable(store))));
    ActorRef queues =
        system.actorOf(
            Props.create(
                QueueManagerActor.class, new NowProvider(), StrictSQSLimits$.MODULE$, listener));
    running = new Running(system, queues, store);
    try {
      var answers =
          SqsRoutes.of(
              system,
              queues,
              // With a wildcard, queue URLs contain the host that the caller used.
              new NodeAddress("http", "*", port, ""),
              surroundings.region(),
              surroundings.account(),
              guard);
      for (String address : Loopback.addresses(host)) {
        await(
            FutureConverters.asJava(
                Http$.MODULE$.apply(system).newServerAt(address, port).bindFlow(answers)));
      }
    } catch (EngineException e) {
      stop();
      throw new EngineException(Ports.cannotListen("ElasticMQ", host, port, "--sqs-port", e), e);
    }
  }

  /** Restores a queue's messages from the store. The queue must exist. */
  synchronized void restore(String queue) {
    Running now = running;
    if (now == null || now.store() == null) {
      return;
    }
    List<InternalMessage> messages = now.store().messages(queue);
    messages.forEach(message -> contents.put(queue, message));
    Object found = await(Patterns.ask(now.queues(), new LookupQueue(queue), TIMEOUT));
    if (found instanceof Option<?> option && option.isDefined()) {
      ActorRef actor = (ActorRef) option.get();
      await(
          Patterns.ask(
              actor,
              new RestoreMessages(CollectionConverters.asScala(messages).toList()),
              TIMEOUT));
    }
  }

  List<QueuedMessage> messages(String queue) {
    return contents.of(queue);
  }

  /** Removes a purged queue's messages here, because ElasticMQ sends no event for a purge. */
  synchronized void purged(String queue) {
    contents.clear(queue);
    Running now = running;
    if (now != null && now.store() != null) {
      now.store().removeAll(queue);
    }
  }

  synchronized void stop() {
    Running now = running;
    if (now == null) {
      return;
    }
    running = null;
    try {
      // Ends the actors directly, because the HTTP server's stop would wait for all long polls.
      await(FutureConverters.asJava(now.system().terminate()));
    } finally {
      if (now.store() != null) {
        now.store().close();
      }
      contents.clear();
    }
  }

  private static <T> T await(CompletionStage<T> stage) {
    try {
      return stage.toCompletableFuture().get(TIMEOUT.toMillis(), TimeUnit.MILLISECONDS);
    } catch (ExecutionException e) {
      Throwable cause = e.getCause() == null ? e : e.getCause();
      throw new EngineException(String.valueOf(cause.getMessage()), cause);
    } catch (TimeoutException e) {
      throw new EngineException("no response within " + TIMEOUT.toSeconds() + " s", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new EngineException("interrupted", e);
    }
  }
}

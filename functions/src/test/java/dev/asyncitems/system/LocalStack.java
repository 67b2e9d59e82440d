package dev.asyncitems.system;

import java.net.URI;
import org.testcontainers.DockerClientFactory;
import org.testcontainers.localstack.LocalStackContainer;
import org.testcontainers.utility.DockerImageName;

/** LocalStack in Docker, started once for all tests. Testcontainers removes it at the end. */
final class LocalStack {
  private static final DockerImageName IMAGE =
      DockerImageName.parse(System.getProperty("localstack.image", "localstack/localstack:4.14.0"))
          .asCompatibleSubstituteFor("localstack/localstack");

  private LocalStack() {}

  /** Returns the address of LocalStack. */
  static URI endpoint() {
    if (!DockerClientFactory.instance().isDockerAvailable()) {
      throw new IllegalStateException(
          "-Dlane=localstack needs Docker, but no Docker engine responds: start one, or leave out"
              + " -Dlane to use the engines in the JVM");
    }
    return Started.CONTAINER.getEndpoint();
  }

  private static final class Started {
    static final LocalStackContainer CONTAINER = start();

    private static LocalStackContainer start() {
      LocalStackContainer container =
          new LocalStackContainer(IMAGE).withServices("dynamodb", "sqs");
      container.start();
      return container;
    }
  }
}

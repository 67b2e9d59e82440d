import org.testcontainers.DockerClientFactory;

/** Ends the build at once, with a sentence, where tests are to run in Docker and none answers. */
final class Docker {
  private Docker() {}

  public static void main(String[] args) {
    if (!DockerClientFactory.instance().isDockerAvailable()) {
      System.err.println(
          "-Dlane=localstack needs Docker, and no Docker engine answers here: start one, or leave"
              + " -Dlane out to test on the engines in the JVM.");
      System.exit(1);
    }
    System.exit(0);
  }
}

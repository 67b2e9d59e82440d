package dev.asyncitems.local.template;

import java.time.Duration;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * A function of the template ({@code AWS::Serverless::Function}).
 *
 * @param id the logical id
 * @param name the physical name
 * @param arn its ARN
 * @param handler the handler class's name, without {@code ::method}
 * @param environment the variables as the template gives them, an empty one as an empty string
 * @param timeout whole seconds, 1 to 900
 * @param memoryMegabytes {@code MemorySize}
 */
public record Function(
    String id,
    String name,
    String arn,
    String handler,
    Map<String, String> environment,
    Duration timeout,
    int memoryMegabytes) {

  public Function {
    environment = Collections.unmodifiableMap(new LinkedHashMap<>(environment));
  }
}

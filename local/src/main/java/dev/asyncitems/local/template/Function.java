package dev.asyncitems.local.template;

import java.time.Duration;
import java.util.Map;

/**
 * A function of the template ({@code AWS::Serverless::Function}).
 *
 * @param id the logical id
 * @param name the physical name
 * @param handler the name of the handler class, without {@code ::method}
 * @param environment the template's variables; a variable may be empty
 * @param timeout whole seconds, 1 to 900
 */
public record Function(
    String id,
    String name,
    String arn,
    String handler,
    Map<String, String> environment,
    Duration timeout,
    int memoryMegabytes) {

  static Function of(Resource resource, Resources resources) {
    Props props = resource.props();
    if ("Image".equals(props.text("PackageType").orElse(""))) {
      throw props.wrong("PackageType", "Image is not supported by the local run.");
    }
    String handler = props.needText("Handler");
    int method = handler.indexOf("::");
    return new Function(
        resource.id(),
        resources.physicalName(resource),
        resources.attribute(resource, "Arn"),
        method < 0 ? handler : handler.substring(0, method),
        props.below("Environment").textMap("Variables"),
        props.seconds("Timeout", 3, 1, 900),
        props.integer("MemorySize", 128, 128, 10_240));
  }
}

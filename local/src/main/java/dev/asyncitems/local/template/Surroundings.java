package dev.asyncitems.local.template;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The values that CloudFormation provides to a template.
 *
 * @param stackName {@code AWS::StackName}; generated physical names begin with it
 * @param region {@code AWS::Region}
 * @param account {@code AWS::AccountId}, twelve digits
 * @param queueUrlPrefix the part of a queue's URL before the queue's name
 * @param parameters values that override the parameters' defaults
 */
public record Surroundings(
    String stackName,
    String region,
    String account,
    String queueUrlPrefix,
    Map<String, String> parameters) {

  /** A stack named {@code local} in us-east-1, account 000000000000, with default parameters. */
  public static final Surroundings DEFAULT =
      new Surroundings(
          "local",
          "us-east-1",
          "000000000000",
          "https://sqs.us-east-1.amazonaws.com/000000000000/",
          Map.of());

  public Surroundings {
    parameters = Collections.unmodifiableMap(new LinkedHashMap<>(parameters));
  }

  public Surroundings withParameters(Map<String, String> values) {
    return new Surroundings(stackName, region, account, queueUrlPrefix, values);
  }

  public Surroundings withQueueUrlPrefix(String prefix) {
    return new Surroundings(stackName, region, account, prefix, parameters);
  }
}

package dev.asyncitems.local.template;

import java.util.Locale;
import java.util.Map;
import java.util.Set;

/** The names, URLs and ARNs of resources, as CloudFormation creates them. */
record PhysicalNames(Surroundings surroundings) {

  /** The property that sets a resource's name, by resource type. */
  private static final Map<String, String> NAME_PROPERTY =
      Map.of(
          "AWS::DynamoDB::Table", "TableName",
          "AWS::SQS::Queue", "QueueName",
          "AWS::Serverless::Function", "FunctionName",
          "AWS::IAM::Role", "RoleName",
          "AWS::Logs::LogGroup", "LogGroupName",
          "AWS::CloudWatch::Alarm", "AlarmName",
          "AWS::SNS::Topic", "TopicName");

  /** The attributes of some resource types. The attributes of other types are not checked. */
  private static final Map<String, Set<String>> ATTRIBUTES =
      Map.of(
          "AWS::DynamoDB::Table", Set.of("Arn", "StreamArn"),
          "AWS::SQS::Queue", Set.of("Arn", "QueueName", "QueueUrl"),
          "AWS::Serverless::Function", Set.of("Arn"),
          "AWS::IAM::Role", Set.of("Arn", "RoleId"),
          "AWS::Logs::LogGroup", Set.of("Arn"));

  static String nameProperty(String type) {
    return NAME_PROPERTY.getOrDefault(type, "");
  }

  String made(String id) {
    return surroundings.stackName() + "-" + id;
  }

  String ref(String type, String name) {
    return switch (type) {
      case "AWS::SQS::Queue" -> surroundings.queueUrlPrefix() + name;
      case "AWS::SNS::Topic" -> arn(type, name);
      default -> name;
    };
  }

  String attribute(String place, String type, String name, String attribute) {
    Set<String> known = ATTRIBUTES.get(type);
    if (known != null && !known.contains(attribute)) {
      throw new TemplateException(place + ": " + type + " has no attribute " + attribute + ".");
    }
    return switch (attribute) {
      case "Arn", "TopicArn" -> arn(type, name);
      case "QueueName" -> name;
      case "QueueUrl" -> surroundings.queueUrlPrefix() + name;
      case "ApiEndpoint" ->
          "https://" + name + ".execute-api." + surroundings.region() + ".amazonaws.com";
      default -> name + "." + attribute;
    };
  }

  private String arn(String type, String name) {
    String account = surroundings.account();
    String place = ":" + surroundings.region() + ":" + account + ":";
    String[] parts = type.split("::", -1);
    String service = parts.length > 1 ? parts[1].toLowerCase(Locale.ROOT) : "unknown";
    return switch (type) {
      case "AWS::DynamoDB::Table" -> "arn:aws:dynamodb" + place + "table/" + name;
      case "AWS::Serverless::Function" -> "arn:aws:lambda" + place + "function:" + name;
      case "AWS::IAM::Role" -> "arn:aws:iam::" + account + ":role/" + name;
      case "AWS::Logs::LogGroup" -> "arn:aws:logs" + place + "log-group:" + name + ":*";
      case "AWS::CloudWatch::Alarm" -> "arn:aws:cloudwatch" + place + "alarm:" + name;
      default -> "arn:aws:" + service + place + name;
    };
  }
}

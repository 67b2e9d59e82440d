package dev.asyncitems.local.template;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.tuple;

import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TemplateTest {

  private static final Path SMALL = Path.of("src/test/resources/small.yaml");

  @TempDir Path folder;

  private Template read(String yaml) throws IOException {
    Path file = folder.resolve("t.yaml");
    Files.writeString(file, yaml);
    return Template.read(file);
  }

  /** Returns the value of a property, in a template with a target for every reference. */
  private Object value(String expression) throws IOException {
    return read("""
    Parameters:
      P: {Type: String, Default: pp}
      L: {Type: CommaDelimitedList, Default: 'a, b'}
    Mappings:
      M: {us-east-1: {size: 3}}
    Conditions:
      Yes: !Equals [!Ref P, pp]
      No: !Not [!Condition Yes]
      Both: !And [!Condition Yes, {Condition: No}]
      Either: !Or [!Condition Yes, !Condition No]
    Resources:
      Q: {Type: AWS::SQS::Queue}
      Hidden: {Type: AWS::SQS::Queue, Condition: No}
      X:
        Type: AWS::Some::Thing
        Properties:
          Value: %s
    """
            .formatted(expression))
        .resource("X")
        .at("Value")
        .orElse("nothing");
  }

  @ParameterizedTest
  @CsvSource({"'', one, one", "all, '', all", "all, one, one"})
  void aFunctionsAliasOverridesTheGlobalOne(String ofAll, String own, String expected)
      throws IOException {
    Template template =
        read(
            """
            Globals: {Function: {Timeout: 3%s}}
            Resources:
              F:
                Type: AWS::Serverless::Function
                Properties: {Handler: h, CodeUri: c, Runtime: java25%s}
              X: {Type: AWS::Some::Thing, Properties: {Value: !Ref F.Alias}}
            """
                .formatted(alias(ofAll), alias(own)));
    assertThat(template.resource("X").at("Value").orElseThrow().toString())
        .endsWith(":function:local-F:" + expected);
  }

  private static String alias(String name) {
    return name.isEmpty() ? "" : ", AutoPublishAlias: " + name;
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          !Ref P                                          | pp
          {Ref: P}                                        | pp
          !Ref L                                          | [a, b]
          !Ref Q                                          | https://sqs.us-east-1.amazonaws.com/000000000000/local-Q
          !Ref AWS::Region                                | us-east-1
          !Ref AWS::NoValue                               | nothing
          !Ref X                                          | local-X
          !GetAtt Q.Arn                                   | arn:aws:sqs:us-east-1:000000000000:local-Q
          {'Fn::GetAtt': [Q, QueueName]}                  | local-Q
          !Sub 'a-${P}-${Q.QueueName}-${!P}-${AWS::Partition}' | a-pp-local-Q-${P}-aws
          !Sub ['${V}-${P}', {V: !Ref AWS::Region}]       | us-east-1-pp
          !If [Yes, 1, 2]                                 | 1
          !If [No, 1, !Ref AWS::NoValue]                  | nothing
          !If [Both, 1, 2]                                | 2
          !If [Either, 1, 2]                              | 1
          !Join ['-', [a, !Ref P]]                        | a-pp
          !Select [1, !Split [',', 'x,y']]                | y
          !FindInMap [M, !Ref AWS::Region, size]          | 3
          !Base64 hello                                   | aGVsbG8=
          {a: [1, {b: !Ref P}]}                           | {a=[1, {b=pp}]}
          """)
  void resolvesFunctionsInBothForms(String expression, String expected) throws IOException {
    assertThat(value(expression).toString()).isEqualTo(expected);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          !Ref Unknown           | Resources.X.Properties.Value: there is no parameter or resource named Unknown in the template.
          !Sub '${Unknown.Arn}'  | Resources.X.Properties.Value: there is no parameter or resource named Unknown in the template.
          !Ref Hidden            | Resources.X.Properties.Value: it refers to Hidden, whose condition is false.
          !GetAtt Q.Colour       | Resources.X.Properties.Value: AWS::SQS::Queue has no attribute Colour.
          !If [Maybe, 1, 2]      | Resources.X.Properties.Value: there is no condition named Maybe.
          !ImportValue x         | Resources.X.Properties.Value: !ImportValue is not supported by the local run.
          !Select [2, [a, b]]    | Resources.X.Properties.Value: Select has no entry 2 in a list of 2.
          !FindInMap [M, a, b]   | Resources.X.Properties.Value: Mappings has no M.a.
          !Join [a]              | Resources.X.Properties.Value: !Join needs a list of 2.
          """)
  void reportsTheErrorAndItsPlace(String expression, String sentence) {
    assertThatExceptionOfType(TemplateException.class)
        .isThrownBy(() -> value(expression))
        .withMessage(sentence);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          Resources: [                                                                     | t.yaml, line
          Outputs: {}                                                                      | The template has no Resources.
          Resources: {A: {Properties: {}}}                                                 | Resources.A has no Type.
          Resources: {A: 1, A: 2}                                                          | A is a duplicate key.
          Resources: {F: {Type: 'AWS::Serverless::Function'}}                              | Resources.F.Properties.Handler: it is missing.
          Resources: {F: {Type: 'AWS::Serverless::Function', Properties: {Handler: h, Timeout: 1000}}} | Resources.F.Properties.Timeout: 1000 is not between 1 and 900.
          Resources: {F: {Type: 'AWS::Serverless::Function', Properties: {Handler: h, Events: {E: {Type: S3}}}}} | S3 events are not supported by the local run.
          Resources: {F: {Type: 'AWS::Serverless::Function', Properties: {Handler: h, Events: {E: {Type: Schedule, Properties: {Schedule: 'cron(0 1 * * ? *)'}}}}}} | supports only rate(N minutes|hours|days).
          Resources: {F: {Type: 'AWS::Serverless::Function', Properties: {Handler: h, Events: {E: {Type: SQS, Properties: {Queue: 'arn:x'}}}}}} | Resources.F.Properties.Events.E.Properties.Queue: arn:x is not the ARN of a queue of the template.
          Resources: {F: {Type: 'AWS::Serverless::Function', Properties: {Handler: h, Events: {E: {Type: HttpApi, Properties: {Path: /a/, Method: GET}}}}}} | a route of an HTTP API must not end in a slash.
          Resources: {A: {Type: 'AWS::ApiGateway::RestApi'}}                               | Resources.A.Type: AWS::ApiGateway::RestApi is not supported by the local run.
          Resources: {Q: {Type: 'AWS::SQS::Queue', Properties: {FifoQueue: true}}}         | Resources.Q.Properties.FifoQueue: FIFO queues are not supported by the local run.
          Resources: {R: {Type: 'AWS::ApiGatewayV2::Route', Properties: {RouteKey: GET /, Target: integrations/x}}} | Resources.R.Properties.Target: 'integrations/x' is not an integration of the template.
          Resources: {T: {Type: 'AWS::DynamoDB::Table', Properties: {KeySchema: [{AttributeName: id, KeyType: HASH}]}}} | id is not in AttributeDefinitions.
          {Rules: {R: {Assertions: [{Assert: !Equals [a, b], AssertDescription: a must be b}]}}, Resources: {Q: {Type: 'AWS::SQS::Queue'}}} | Rules.R: a must be b.
          {Rules: {R: {RuleCondition: !Equals [a, a], Assertions: [{Assert: !Equals [a, b]}]}}, Resources: {Q: {Type: 'AWS::SQS::Queue'}}} | Rules.R: an assertion is false.
          {Rules: {R: {}}, Resources: {Q: {Type: 'AWS::SQS::Queue'}}}                      | Rules.R has no Assertions.
          Parameters: {P: {Type: String}}                                                  | The parameter P has no default and was given no value.
          Parameters: {P: {Type: Number, Default: x}}                                      | The parameter P: 'x' is not a number.
          Parameters: {P: {Type: String, Default: x, AllowedValues: [y, z]}}               | The parameter P: 'x' is not one of [y, z].
          """)
  void rejectsUnsupportedTemplates(String yaml, String part) {
    assertThatExceptionOfType(TemplateException.class)
        .isThrownBy(() -> read(yaml))
        .withMessageContaining(part);
  }

  @Test
  void reportsAMissingFile() {
    assertThatExceptionOfType(TemplateException.class)
        .isThrownBy(() -> Template.read(folder.resolve("none.yaml")))
        .withMessage("There is no template at " + folder.resolve("none.yaml") + ".");
  }

  @Test
  void rejectsAFileThatIsNotUtf8() throws IOException {
    Path file = folder.resolve("t.yaml");
    Files.write(file, "Resources: \u00e9".getBytes(StandardCharsets.ISO_8859_1));
    assertThatExceptionOfType(TemplateException.class)
        .isThrownBy(() -> Template.read(file))
        .withMessageContaining("is not UTF-8");
  }

  @Test
  void acceptsParametersThatKeepTheRules() throws IOException {
    assertThat(
            read("{Rules: {A: {Assertions: [{Assert: !Equals [a, a]}]}, B: {RuleCondition:"
                    + " !Equals [a, b], Assertions: [{Assert: !Equals [a, b]}]}}, Resources:"
                    + " {Q: {Type: 'AWS::SQS::Queue'}}}")
                .queues())
        .hasSize(1);
  }

  @Test
  void givenParametersOverrideDefaults() {
    Template template =
        Template.read(SMALL, Surroundings.DEFAULT.withParameters(Map.of("Greeting", "HELLO")));
    assertThat(template.parameters())
        .containsEntry("Greeting", "HELLO")
        .containsEntry("Depth", "2");
    assertThat(template.function("Echo").environment()).containsEntry("MOOD", "loud");
    assertThat(template.outputs()).containsEntry("Shout", "HELLO");
  }

  @Test
  void rejectsAnUnknownParameter() {
    assertThatExceptionOfType(TemplateException.class)
        .isThrownBy(
            () -> Template.read(SMALL, Surroundings.DEFAULT.withParameters(Map.of("Nope", "1"))))
        .withMessage("The template has no parameter Nope.");
  }

  @Test
  void mergesGlobalsIntoFunctions() {
    Function echo = Template.read(SMALL).function("Echo");
    assertThat(echo.environment())
        .containsExactly(Map.entry("GREETING", "hello"), Map.entry("MOOD", "quiet"));
    assertThat(echo.timeout()).isEqualTo(Duration.ofSeconds(5));
    assertThat(echo.memoryMegabytes()).isEqualTo(256);
    Function scripted = Template.read(SMALL).function("Scripted");
    assertThat(scripted.timeout()).isEqualTo(Duration.ofSeconds(1));
    assertThat(scripted.handler()).isEqualTo("dev.asyncitems.local.handlers.Scripted");
  }

  @Test
  void findsTheFunctionOfEachRoute() {
    assertThat(Template.read(SMALL).routes())
        .extracting(Route::key, Route::functionId)
        .containsExactlyInAnyOrder(
            tuple("ANY /echo/{rest+}", "Echo"),
            tuple("GET /things/{id}", "Echo"),
            tuple("GET /private/{id}", "Echo"),
            tuple("POST /things", "Echo"),
            tuple("ANY /scripted", "Scripted"));
  }

  @Test
  void readsTheAuthorizationOfARoute() {
    List<Route> routes = Template.read(SMALL).routes();
    assertThat(routes)
        .filteredOn(route -> route.path().equals("/private/{id}"))
        .extracting(Route::access)
        .containsExactly(
            Optional.of(
                new Access(
                    "Tokens",
                    URI.create("https://issuer.invalid"),
                    List.of("api"),
                    List.of("things:read", "things:all"))));
    assertThat(routes)
        .filteredOn(route -> route.path().equals("/things"))
        .extracting(Route::access)
        .containsExactly(Optional.empty());
  }

  @Test
  void readsTablesQueuesMappingsAndSchedules() {
    Template template = Template.read(SMALL);
    Table things = template.table("Things");
    assertThat(things.name()).isEqualTo("local-Things");
    assertThat(things.key()).containsExactly(new Table.KeyPart("id", "HASH", "S"));
    assertThat(things.globalIndexes())
        .containsExactly(
            new Table.Index(
                "byKind",
                List.of(
                    new Table.KeyPart("kind", "HASH", "N"), new Table.KeyPart("id", "RANGE", "S")),
                "ALL",
                List.of()));
    assertThat(things.ttlAttribute()).isEqualTo("expires");
    Queue jobs = template.queue("Jobs");
    assertThat(jobs.redrive()).isEqualTo(new Queue.Redrive("DeadJobs", 2));
    assertThat(jobs.visibilityTimeout()).isEqualTo(Duration.ofSeconds(1));
    assertThat(template.queue("DeadJobs").name()).isEqualTo("local-dead");
    assertThat(template.queue("DeadJobs").retention()).isEqualTo(Duration.ofDays(14));
    assertThat(template.mappings())
        .containsExactly(
            new Mapping("Worker", "Jobs", 5, Duration.ZERO, true, 2, true),
            new Mapping("Blunt", "PlainJobs", 20, Duration.ofSeconds(1), false, 5, true));
    assertThat(template.schedules())
        .containsExactly(
            new Schedule("Often", "Ticker", Duration.ofMinutes(1), null, true),
            new Schedule("Seldom", "Ticker", Duration.ofHours(1), "{\"seldom\": true}", true),
            new Schedule("Never", "Ticker", Duration.ofMinutes(1), null, false));
  }

  @Test
  void returnsResolvedResources() {
    Template template = Template.read(SMALL);
    Resource dead = template.resource("DeadJobs");
    assertThat(dead.type()).isEqualTo("AWS::SQS::Queue");
    assertThat(dead.attributes()).containsEntry("DeletionPolicy", "Retain");
    assertThat(template.resource("Jobs").at("RedrivePolicy", "deadLetterTargetArn"))
        .contains(template.attribute("DeadJobs", "Arn"));
    assertThat(template.resourceNamed(template.attribute("Things", "Arn")))
        .contains(template.resource("Things"));
    assertThat(template.resourceNamed(template.ref("Jobs"))).contains(template.resource("Jobs"));
    assertThat(template.resourcesOf("AWS::SQS::Queue")).hasSize(3);
  }
}

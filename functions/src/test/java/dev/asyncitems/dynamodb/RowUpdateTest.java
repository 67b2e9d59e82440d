package dev.asyncitems.dynamodb;

import static dev.asyncitems.dynamodb.RowUpdate.Comparison.BEGINS_WITH;
import static dev.asyncitems.dynamodb.RowUpdate.Comparison.IS;
import static dev.asyncitems.dynamodb.RowUpdate.Comparison.IS_NOT;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;
import software.amazon.awssdk.services.dynamodb.model.ReturnValue;
import software.amazon.awssdk.services.dynamodb.model.ReturnValuesOnConditionCheckFailure;
import software.amazon.awssdk.services.dynamodb.model.UpdateItemRequest;

/**
 * Update expressions. DynamoDB rejects a request with a name or a value that no expression uses.
 */
final class RowUpdateTest {
  private static final UUID ID = UUID.fromString("019bc0fd-8a3b-73a5-9c4e-8b2d6f90a173");

  @Test
  void anUpdateOfOneRowSetsItsTokenIfTheRowExists() {
    UpdateItemRequest request = new RowUpdate("token").request("table", ID, true);
    assertThat(request.tableName()).isEqualTo("table");
    assertThat(request.key()).isEqualTo(Map.of("id", AttributeValue.fromS(ID.toString())));
    assertThat(request.updateExpression()).isEqualTo("SET #lastWrite = :v0");
    assertThat(request.conditionExpression()).isEqualTo("attribute_exists(id)");
    assertThat(request.expressionAttributeNames()).isEqualTo(Map.of("#lastWrite", "lastWrite"));
    assertThat(request.expressionAttributeValues())
        .isEqualTo(Map.of(":v0", AttributeValue.fromS("token")));
  }

  @Test
  void itAsksForTheRowWithWhichALostResponseIsRecognised() {
    UpdateItemRequest request = new RowUpdate("token").request("table", ID, true);
    assertThat(request.returnValues()).isEqualTo(ReturnValue.UPDATED_OLD);
    assertThat(request.returnValuesOnConditionCheckFailure())
        .isEqualTo(ReturnValuesOnConditionCheckFailure.ALL_OLD);
  }

  @Test
  void eachUpdateHasATokenOfItsOwn() {
    assertThat(new RowUpdate().request("table", ID, true).expressionAttributeValues())
        .isNotEqualTo(new RowUpdate().request("table", ID, true).expressionAttributeValues());
  }

  @Test
  void itSetsCountsAndRemoves() {
    UpdateItemRequest request =
        new RowUpdate("token")
            .add("attempts", 1)
            .add("attemptsUsed", 0)
            .set("failure", AttributeValue.fromS("why"))
            .remove("outbox", "dispatches")
            .request("table", ID, true);
    assertThat(request.updateExpression())
        .isEqualTo(
            "SET #lastWrite = :v0, #failure = :v1,"
                + " #attempts = if_not_exists(#attempts, :n0) + :n1,"
                + " #attemptsUsed = if_not_exists(#attemptsUsed, :n0) + :n0"
                + " REMOVE #outbox, #dispatches");
    assertThat(request.expressionAttributeNames())
        .isEqualTo(
            Map.of(
                "#lastWrite", "lastWrite",
                "#attempts", "attempts",
                "#attemptsUsed", "attemptsUsed",
                "#failure", "failure",
                "#outbox", "outbox",
                "#dispatches", "dispatches"));
    assertThat(request.expressionAttributeValues())
        .isEqualTo(
            Map.of(
                ":v0", AttributeValue.fromS("token"),
                ":v1", AttributeValue.fromS("why"),
                ":n0", AttributeValue.fromN("0"),
                ":n1", AttributeValue.fromN("1")));
  }

  @Test
  void aCounterThatIsNoNumberBeginsAnew() {
    UpdateItemRequest request =
        new RowUpdate("token").add("attempts", 1).request("table", ID, false);
    assertThat(request.updateExpression()).isEqualTo("SET #lastWrite = :v0, #attempts = :n1");
    assertThat(request.expressionAttributeValues())
        .isEqualTo(Map.of(":v0", AttributeValue.fromS("token"), ":n1", AttributeValue.fromN("1")));
  }

  @Test
  void itReturnsTheNewValuesOnRequest() {
    assertThat(new RowUpdate("token").returningNew().request("table", ID, true).returnValues())
        .isEqualTo(ReturnValue.UPDATED_NEW);
  }

  @Test
  void allConditionsMustHold() {
    UpdateItemRequest request =
        new RowUpdate("token")
            .when("nextDispatchAt", IS, "place")
            .when("status", IS_NOT, "done")
            .when("status", IS_NOT, "failed")
            .when("outbox", BEGINS_WITH, "queued#")
            .whenPresent("shard")
            .request("table", ID, true);
    assertThat(request.conditionExpression())
        .isEqualTo(
            "attribute_exists(id) AND #nextDispatchAt = :v1 AND (NOT #status = :v2)"
                + " AND (NOT #status = :v3) AND begins_with(#outbox, :v4)"
                + " AND attribute_exists(#shard)");
    assertThat(request.expressionAttributeValues())
        .isEqualTo(
            Map.of(
                ":v0", AttributeValue.fromS("token"),
                ":v1", AttributeValue.fromS("place"),
                ":v2", AttributeValue.fromS("done"),
                ":v3", AttributeValue.fromS("failed"),
                ":v4", AttributeValue.fromS("queued#")));
    assertThat(request.expressionAttributeNames().values())
        .containsExactlyInAnyOrder("lastWrite", "nextDispatchAt", "status", "outbox", "shard");
  }
}

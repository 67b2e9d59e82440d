package dev.asyncitems.local.page;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;

final class ViewTest {
  @ParameterizedTest
  @ValueSource(strings = {"0", "100", "12.5", "-3000", "99999999999999999999999999999999999999"})
  void aNumberIsShownAsDynamoDbReturnsIt(String number) {
    assertThat(View.shown(AttributeValue.fromN(number))).isEqualTo(number);
  }
}

package dev.asyncitems.local.trigger;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import software.amazon.awssdk.services.sqs.model.Message;

class BatchEventTest {

  private static final List<Message> MESSAGES =
      List.of(
          Message.builder().messageId("one").build(), Message.builder().messageId("two").build());

  @Test
  void readsWhichMessagesFailed() throws IOException {
    String answer = "{\"batchItemFailures\":[{\"itemIdentifier\":\"two\"}]}";
    assertThat(BatchEvent.failures(answer.getBytes(UTF_8), MESSAGES)).containsExactly("two");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "null",
        "{}",
        "[]",
        "{\"batchItemFailures\":null}",
        "{\"batchItemFailures\":[]}"
      })
  void anEmptyAnswerIsSuccess(String answer) throws IOException {
    assertThat(BatchEvent.failures(answer.getBytes(UTF_8), MESSAGES)).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{",
        "{\"batchItemFailures\":{}}",
        "{\"batchItemFailures\":[{\"itemIdentifier\":\"\"}]}",
        "{\"batchItemFailures\":[{\"itemIdentifier\":null}]}",
        "{\"batchItemFailures\":[{\"wrongKey\":\"one\"}]}",
        "{\"batchItemFailures\":[{\"itemIdentifier\":\"one\"},{\"itemIdentifier\":\"three\"}]}"
      })
  void anInvalidAnswerMeansThatTheWholeBatchFailed(String answer) {
    assertThatExceptionOfType(IOException.class)
        .isThrownBy(() -> BatchEvent.failures(answer.getBytes(UTF_8), MESSAGES));
  }
}

package dev.asyncitems.outbox;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Locale;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class TaskStatusTest {
  @Test
  void statusesAreNamedInLowerCase() {
    assertThat(TaskStatus.values())
        .extracting(TaskStatus::text)
        .containsExactly("queued", "done", "failed");
    for (TaskStatus status : TaskStatus.values()) {
      assertThat(TaskStatus.parse(status.text())).contains(status);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "Queued", "QUEUED", "queued ", "sent"})
  void noOtherTextIsAStatus(String text) {
    assertThat(TaskStatus.parse(text)).isEmpty();
  }

  @Test
  void namesOfStatusesDoNotDependOnTheLanguageOfTheMachine() {
    Locale before = Locale.getDefault();
    try {
      Locale.setDefault(Locale.forLanguageTag("tr"));
      assertThat(TaskStatus.FAILED.text()).isEqualTo("failed");
    } finally {
      Locale.setDefault(before);
    }
  }
}

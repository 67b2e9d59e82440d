package dev.asyncitems.message;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class TaskMessageTest {
  private static final UUID ID = UUID.fromString("019bc0fd-8a3b-73a5-9c4e-8b2d6f90a173");

  @Test
  void readsWhatItWrites() {
    assertThat(TaskMessage.id(TaskMessage.body(ID))).contains(ID);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"id\":\"019bc0fd-8a3b-73a5-9c4e-8b2d6f90a173\"}",
        " {\"id\" : \"\\u003019bc0fd-8a3b-73a5-9c4e-8b2d6f90a173\"} ",
        "{\"id\":\"019BC0FD-8A3B-73A5-9C4E-8B2D6F90A173\",\"more\":[1]}"
      })
  void aMessageNamesItsRow(String body) {
    assertThat(TaskMessage.id(body)).contains(ID);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "{",
        "[]",
        "null",
        "{}",
        "{\"id\":1}",
        "{\"id\":null}",
        "{\"id\":\"x\"}",
        "{\"id\":\"1-1-1-1-1\"}",
        "{\"ID\":\"019bc0fd-8a3b-73a5-9c4e-8b2d6f90a173\"}",
        "{\"id\":\" 019bc0fd-8a3b-73a5-9c4e-8b2d6f90a173\"}",
        "{\"id\":\"019bc0fd-8a3b-73a5-9c4e-8b2d6f90a173\"} x",
        "{\"id\":\"019bc0fd-8a3b-73a5-9c4e-8b2d6f90a173\","
            + "\"id\":\"019bc0fd-8a3b-73a5-9c4e-8b2d6f90a173\"}",
        "\"019bc0fd-8a3b-73a5-9c4e-8b2d6f90a173\""
      })
  void aMessageOfAnotherFormIsMalformed(String body) {
    assertThat(TaskMessage.id(body)).isEmpty();
  }
}

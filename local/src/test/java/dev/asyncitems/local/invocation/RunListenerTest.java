package dev.asyncitems.local.invocation;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class RunListenerTest {

  @Test
  void errorsOfTheCompilerAreATroubleByDefault() {
    List<String> troubles = new ArrayList<>();
    RunListener listener =
        new RunListener() {
          @Override
          public void trouble(String sentence) {
            troubles.add(sentence);
          }
        };

    listener.notCompiled(List.of("Item.java:7: ';' expected"));

    assertThat(troubles)
        .containsExactly(
            "not compiled, the previous classes stay in use:\nItem.java:7: ';' expected");
  }
}

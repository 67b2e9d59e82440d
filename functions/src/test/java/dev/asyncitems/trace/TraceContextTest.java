package dev.asyncitems.trace;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class TraceContextTest {
  private static final String ROOT = "Root=1-5759e988-bd862e3fe1be46a994272793";

  @ParameterizedTest
  @CsvSource(
      value = {
        "Root=1-5759e988-bd862e3fe1be46a994272793 | ''",
        "Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1"
            + " | ;Parent=53995c3f42cd8ad8;Sampled=1",
        "Self=1-67891234-0123456789abcdef01234567;Root=1-5759e988-bd862e3fe1be46a994272793 | ''",
        "Sampled=0; Root=1-5759e988-bd862e3fe1be46a994272793;Lineage=a:0;secret=1 | ;Sampled=0",
        "Root=1-5759e988-bd862e3fe1be46a994272793;Parent=secret;Sampled=? | ''",
        "Root=1-5759e988-bd862e3fe1be46a994272793;Root=1-00000000-000000000000000000000000;"
            + "Sampled=1;Sampled=0 | ;Sampled=1"
      },
      delimiter = '|')
  void ofATraceHeaderThePartsThatXRayNamesAreKept(String header, String more) {
    TraceContext traceContext = TraceContext.of(null, header);
    assertThat(traceContext.traceHeader()).contains(ROOT + more);
    assertThat(traceContext.traceId()).contains("1-5759e988-bd862e3fe1be46a994272793");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "secret",
        "Root=secret",
        "Root=1-5759e988-bd862e3fe1be46a99427279",
        "Root=1-5759e988-bd862e3fe1be46a994272793secret",
        "xRoot=1-5759e988-bd862e3fe1be46a994272793",
        "Root=1-5759E988-BD862E3FE1BE46A994272793"
      })
  void whatIsNoTraceIsLeft(String header) {
    assertThat(TraceContext.of(null, header)).isEqualTo(TraceContext.UNKNOWN);
  }

  @Test
  void anIdOfAnyOtherFormIsLeft() {
    assertThat(TraceContext.of("JKJaXmPLvHcESHA=", null).requestId()).contains("JKJaXmPLvHcESHA=");
    for (String id : new String[] {"", "a b", "a\nb", "\"", "é", "i".repeat(129)}) {
      assertThat(TraceContext.of(id, null)).as(id).isEqualTo(TraceContext.UNKNOWN);
    }
  }

  @Test
  void aLogLineHasTheIds() {
    assertThat(TraceContext.of("r", ROOT + ";Sampled=1").fields())
        .isEqualTo(Map.of("requestId", "r", "traceId", "1-5759e988-bd862e3fe1be46a994272793"));
    assertThat(TraceContext.UNKNOWN.fields()).isEmpty();
  }
}

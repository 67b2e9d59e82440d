package dev.asyncitems.local.template;

import java.time.Duration;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A schedule that invokes a function (an event of type {@code Schedule}).
 *
 * @param id the event's name within its function
 * @param functionId the logical id of the function
 * @param rate the time between two ticks, in whole minutes
 * @param input the JSON text that replaces the scheduled event, or null
 */
public record Schedule(
    String id, String functionId, Duration rate, @Nullable String input, boolean enabled) {

  private static final Pattern RATE =
      Pattern.compile("rate\\(([1-9][0-9]{0,5}) (minute|minutes|hour|hours|day|days)\\)");

  static Schedule of(String functionId, String name, Props props) {
    String text = props.needText("Schedule");
    Matcher rate = RATE.matcher(text);
    if (!rate.matches()) {
      throw props.wrong(
          "Schedule", "'" + text + "': the local run supports only rate(N minutes|hours|days).");
    }
    int count = Integer.parseInt(rate.group(1));
    boolean enabled =
        props.flag("Enabled", true) && !props.text("State").orElse("ENABLED").equals("DISABLED");
    return new Schedule(
        name,
        functionId,
        switch (rate.group(2).charAt(0)) {
          case 'm' -> Duration.ofMinutes(count);
          case 'h' -> Duration.ofHours(count);
          default -> Duration.ofDays(count);
        },
        props.text("Input").orElse(null),
        enabled);
  }
}

package dev.asyncitems.settings;

import java.util.regex.Pattern;

/** The environment variables of functions, which {@code template.yaml} sets. */
public enum Setting {
  ITEMS_TABLE(Form.NAME, "a table's name"),
  NOTIFICATIONS_TABLE(Form.NAME, "a table's name"),
  IDEMPOTENCY_TABLE(Form.NAME, "a table's name"),
  NOTIFICATIONS_QUEUE_URL(Form.URL, "a queue's URL"),
  NOTIFICATIONS_DEAD_LETTER_QUEUE_URL(Form.URL, "a queue's URL"),
  READ_SHARDS(Form.FROM_1, "a whole number from 1 to 99"),
  WRITE_SHARDS(Form.FROM_1, "a whole number from 1 to 99"),
  VISIBILITY_TIMEOUT_SECONDS(Form.FROM_0, "a whole number from 0 to 99999"),
  MAX_RECEIVE_COUNT(Form.FROM_1, "a whole number from 1 to 99"),
  LOGGED_RETENTION_DAYS(Form.FROM_0, "a whole number from 0 to 99999");

  private final Pattern pattern;
  private final String form;

  Setting(Pattern pattern, String form) {
    this.pattern = pattern;
    this.form = form;
  }

  /** Returns a description of the valid values. */
  String form() {
    return form;
  }

  /** Returns whether the value is valid. */
  public boolean isValid(String value) {
    return pattern.matcher(value).matches();
  }

  /** The patterns of values. */
  static final class Form {
    static final Pattern URL =
        Pattern.compile(
            "https?://([A-Za-z0-9._-]+|\\[[0-9A-Fa-f:.]+])(:[0-9]{1,5})?(/[A-Za-z0-9/._~-]*)?");
    private static final Pattern NAME = Pattern.compile("[a-zA-Z0-9_.-]{3,255}");
    private static final Pattern FROM_1 = Pattern.compile("[1-9][0-9]?");
    private static final Pattern FROM_0 = Pattern.compile("[0-9]{1,5}");

    private Form() {}
  }
}

package dev.asyncitems.settings;

import java.util.regex.Pattern;

/** An environment variable of a function. {@code template.yaml} sets it. */
public record Setting(String name, Form form) {
  public static final Setting ITEMS_TABLE = table("ITEMS");
  public static final Setting IDEMPOTENCY_TABLE = table("IDEMPOTENCY");
  public static final Setting READ_SHARDS = new Setting("READ_SHARDS", Form.FROM_1);
  public static final Setting WRITE_SHARDS = new Setting("WRITE_SHARDS", Form.FROM_1);
  public static final Setting VISIBILITY_TIMEOUT_SECONDS =
      new Setting("VISIBILITY_TIMEOUT_SECONDS", Form.FROM_0);
  public static final Setting MAX_RECEIVE_COUNT = new Setting("MAX_RECEIVE_COUNT", Form.FROM_1);
  public static final Setting MAX_ATTEMPTS = new Setting("MAX_ATTEMPTS", Form.FROM_1);
  public static final Setting DONE_RETENTION_DAYS = new Setting("DONE_RETENTION_DAYS", Form.FROM_0);
  public static final Setting IMPORT_RETENTION_DAYS =
      new Setting("IMPORT_RETENTION_DAYS", Form.FROM_0);

  /** Returns the variable that names a table, such as {@code ITEMS_TABLE}. */
  public static Setting table(String rows) {
    return new Setting(rows + "_TABLE", Form.NAME);
  }

  public static Setting queue(String rows) {
    return new Setting(rows + "_QUEUE_URL", Form.URL);
  }

  public static Setting deadLetterQueue(String rows) {
    return new Setting(rows + "_DEAD_LETTER_QUEUE_URL", Form.URL);
  }

  /** The form of a variable's value. */
  public enum Form {
    NAME("a table's name", "[a-zA-Z0-9_.-]{3,255}"),
    URL(
        "a queue's URL",
        "https?://([A-Za-z0-9._-]+|\\[[0-9A-Fa-f:.]+])(:[0-9]{1,5})?(/[A-Za-z0-9/._~-]*)?"),
    FROM_1("a whole number from 1 to 99", "[1-9][0-9]?"),
    FROM_0("a whole number from 0 to 99999", "[0-9]{1,5}");

    private final String text;
    private final Pattern pattern;

    Form(String text, String pattern) {
      this.text = text;
      this.pattern = Pattern.compile(pattern);
    }

    /** Returns a description of the valid values. */
    public String text() {
      return text;
    }

    public boolean matches(String value) {
      return pattern.matcher(value).matches();
    }
  }
}

package dev.asyncitems.local.engine;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import org.elasticmq.actor.queue.InternalMessage;
import org.elasticmq.persistence.sql.DBMessage;
import org.jspecify.annotations.Nullable;
import scala.Option;

/** A store of the queues' messages in an H2 database file. Thread-safe. */
record MessageStore(Connection connection) {

  private static final String COLUMNS =
      "id, receipts, next_delivery, content, attributes, created, received, receives, group_id,"
          + " deduplication_id, tracing_id, sequence_number, source_queue";

  /** Opens the database in a folder, or creates it. */
  static MessageStore open(Path folder) {
    // With WRITE_DELAY=0, a commit writes the file before it returns. A killed JVM loses no data.
    String url =
        "jdbc:h2:file:"
            + folder.toAbsolutePath().resolve("queues")
            + ";WRITE_DELAY=0;DB_CLOSE_ON_EXIT=FALSE";
    try {
      Connection connection = DriverManager.getConnection(url);
      try (Statement statement = connection.createStatement()) {
        statement.execute(
            """
            create table if not exists message (
              queue varchar not null, id varchar not null, receipts varbinary,
              next_delivery bigint not null, content varbinary not null, attributes varbinary,
              created bigint not null, received bigint, receives int not null, group_id varchar,
              deduplication_id varchar, tracing_id varchar, sequence_number varchar,
              source_queue varchar, primary key (queue, id))
            """);
      }
      return new MessageStore(connection);
    } catch (SQLException e) {
      throw new EngineException("The queues' file in " + folder + " can't be opened: " + e, e);
    }
  }

  synchronized void put(String queue, InternalMessage internal) {
    DBMessage message = DBMessage.from(internal);
    update(
        "A message can't be stored",
        "merge into message (queue, "
            + COLUMNS
            + ") key (queue, id) values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        queue,
        message.messageId(),
        message.deliveryReceipts(),
        message.nextDelivery(),
        message.content(),
        message.attributes(),
        message.created(),
        orNull(message.received()),
        message.receiveCount(),
        orNull(message.groupId()),
        orNull(message.deduplicationId()),
        orNull(message.tracingId()),
        orNull(message.sequenceNumber()),
        orNull(message.deadLetterSourceQueueName()));
  }

  private static @Nullable Object orNull(Option<?> option) {
    return option.isDefined() ? option.get() : null;
  }

  synchronized void remove(String queue, String id) {
    update(
        "A message can't be removed", "delete from message where queue = ? and id = ?", queue, id);
  }

  synchronized void removeAll(String queue) {
    update("A queue's messages can't be removed", "delete from message where queue = ?", queue);
  }

  private void update(String failure, String sql, @Nullable Object... values) {
    try (PreparedStatement statement = connection.prepareStatement(sql)) {
      for (int i = 0; i < values.length; i++) {
        statement.setObject(i + 1, values[i]);
      }
      statement.executeUpdate();
    } catch (SQLException e) {
      throw new EngineException(failure + ": " + e, e);
    }
  }

  synchronized List<InternalMessage> messages(String queue) {
    List<InternalMessage> messages = new ArrayList<>();
    try (PreparedStatement select =
        connection.prepareStatement(
            "select " + COLUMNS + " from message where queue = ? order by created")) {
      select.setString(1, queue);
      try (ResultSet rows = select.executeQuery()) {
        while (rows.next()) {
          messages.add(
              new DBMessage(
                      rows.getString(1),
                      rows.getBytes(2),
                      rows.getLong(3),
                      rows.getBytes(4),
                      rows.getBytes(5),
                      rows.getLong(6),
                      Option.apply(rows.getObject(7)),
                      rows.getInt(8),
                      Option.apply(rows.getString(9)),
                      Option.apply(rows.getString(10)),
                      Option.apply(rows.getString(11)),
                      Option.apply(rows.getString(12)),
                      Option.apply(rows.getString(13)))
                  .toInternalMessage());
        }
      }
    } catch (SQLException e) {
      throw new EngineException("A queue's messages can't be read: " + e, e);
    }
    return messages;
  }

  synchronized void close() {
    try {
      connection.close();
    } catch (SQLException e) {
      throw new EngineException("The queues' file can't be closed: " + e, e);
    }
  }
}

package dev.asyncitems.dynamodb;

import static org.assertj.core.api.Assertions.assertThat;

import dev.asyncitems.call.Futures;
import dev.asyncitems.call.Unavailable;
import dev.asyncitems.dynamodb.MergedQuery.Merged;
import dev.asyncitems.dynamodb.MergedQuery.Slice;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import java.util.function.IntUnaryOperator;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The merge of several shards, where rows are numbers and each shard is a sorted list of them. */
final class MergedQueryTest {
  private static final int CASES = 500;

  /** How rows are distributed over the shards. */
  enum Spread {
    /** Random, like a hash. */
    EVEN {
      @Override
      int shard(int row, int rows, int shards, Random random) {
        return random.nextInt(shards);
      }
    },
    /** One shard after the other, row by row. */
    ROUND {
      @Override
      int shard(int row, int rows, int shards, Random random) {
        return row % shards;
      }
    },
    /** All rows on one shard. */
    ONE {
      @Override
      int shard(int row, int rows, int shards, Random random) {
        return shards - 1;
      }
    },
    /** Each shard has half as many rows as the shard before it. */
    HALVES {
      @Override
      int shard(int row, int rows, int shards, Random random) {
        return Math.min(shards - 1, Integer.numberOfTrailingZeros(random.nextInt() | 1 << 30));
      }
    },
    /** One block of rows for each shard. */
    BLOCKS {
      @Override
      int shard(int row, int rows, int shards, Random random) {
        return (int) ((long) row * shards / rows);
      }
    },
    /**
     * One row of each shard first, then many rows of one shard. The first chunks of the other
     * shards are fetched for nothing.
     */
    DECOY {
      @Override
      int shard(int row, int rows, int shards, Random random) {
        return row < shards || row > rows / 2 ? row % shards : 0;
      }
    },
    /** Runs of rows that are as long as the largest chunk. */
    RUNS {
      @Override
      int shard(int row, int rows, int shards, Random random) {
        return row / (1 + rows / (2 * shards)) % shards;
      }
    };

    abstract int shard(int row, int rows, int shards, Random random);
  }

  /**
   * Shards that answer immediately and count the rows that they return. They may return fewer rows
   * than requested.
   */
  private static final class Shards {
    final List<List<Integer>> rows = new ArrayList<>();
    final List<String> asked = new ArrayList<>();
    int read;
    IntUnaryOperator given = size -> size;
    boolean tellsTheEnd;

    Shards(int shards) {
      for (int i = 0; i < shards; i++) {
        rows.add(new ArrayList<>());
      }
    }

    CompletableFuture<Slice<Integer, Integer>> fetch(int shard, Optional<Integer> from, int size) {
      assertThat(size).isPositive();
      asked.add(shard + " from " + from.orElse(0) + " size " + size);
      List<Integer> all = rows.get(shard);
      int begin = from.orElse(0);
      int end = Math.min(all.size(), begin + given.applyAsInt(size));
      read += end - begin;
      // When the limit ends a query, DynamoDB returns a key to continue from, even if nothing
      // follows.
      boolean ran = tellsTheEnd ? end == all.size() : end - begin < size && end == all.size();
      return CompletableFuture.completedFuture(
          new Slice<>(all.subList(begin, end), ran ? Optional.empty() : Optional.of(end)));
    }
  }

  @ParameterizedTest
  @EnumSource(Spread.class)
  void isTheSortedMergeAndReadsAtMostTwiceThePageAndARowForEachShard(Spread spread) {
    Random random = new Random(1);
    for (int i = 0; i < CASES; i++) {
      check(spread, random, shards -> size -> size);
    }
  }

  @ParameterizedTest
  @EnumSource(Spread.class)
  void holdsTooWhereSlicesAreSmallerThanAskedOrEmpty(Spread spread) {
    Random random = new Random(2);
    for (int i = 0; i < CASES; i++) {
      check(
          spread,
          random,
          shards -> size -> random.nextInt(3) == 0 ? size : random.nextInt(size + 1));
    }
  }

  @ParameterizedTest
  @EnumSource(Spread.class)
  void holdsTooWhereTheFirstSlicesAreShortAndTheNextOnesFull(Spread spread) {
    Random random = new Random(3);
    for (int i = 0; i < CASES; i++) {
      int few = random.nextInt(3);
      check(
          spread,
          random,
          shards -> size -> shards.asked.size() <= shards.rows.size() ? Math.min(few, size) : size);
    }
  }

  private static void check(
      Spread spread, Random random, Function<Shards, IntUnaryOperator> given) {
    int number = 1 + random.nextInt(8);
    int limit = 1 + random.nextInt(100);
    int rows = random.nextInt(3 * limit + 2);
    Shards shards = new Shards(number);
    shards.given = given.apply(shards);
    shards.tellsTheEnd = random.nextBoolean();
    List<Integer> sorted = new ArrayList<>();
    int row = 0;
    for (int i = 0; i < rows; i++) {
      row += 1 + random.nextInt(5);
      sorted.add(row);
      shards.rows.get(spread.shard(i, rows, number, random)).add(row);
    }
    Collections.shuffle(shards.rows, random);
    Supplier<String> what = () -> rows + " rows, limit " + limit + ", shards " + shards.rows;

    Merged<Integer> merged = first(limit, shards);

    assertThat(merged.rows()).as(what).isEqualTo(sorted.subList(0, Math.min(limit, rows)));
    assertThat(merged.more()).as(what).isEqualTo(rows > limit);
    assertThat(shards.read).as(what).isLessThanOrEqualTo(2 * limit + number);
  }

  @Test
  void aPageAtAnyRowOfAnyTwoShardsIsRight() {
    for (int split = 0; split < 1 << 8; split++) {
      for (int limit = 1; limit <= 9; limit++) {
        Shards shards = new Shards(2);
        for (int row = 0; row < 8; row++) {
          shards.rows.get(split >> row & 1).add(row);
        }
        Merged<Integer> merged = first(limit, shards);
        assertThat(merged.rows())
            .isEqualTo(IntStream.range(0, Math.min(limit, 8)).boxed().toList());
        assertThat(merged.more()).isEqualTo(limit < 8);
        assertThat(shards.read).isLessThanOrEqualTo(2 * limit + 2);
      }
    }
  }

  @Test
  void theOrderIsTheOneGiven() {
    Shards shards = new Shards(2);
    shards.rows.get(0).addAll(List.of(9, 5, 1));
    shards.rows.get(1).addAll(List.of(8, 7, 2));
    var merged =
        MergedQuery.<Integer, Integer>first(4, 2, Comparator.reverseOrder(), shards::fetch);
    assertThat(merged).isCompletedWithValue(new Merged<>(List.of(9, 8, 7, 5), true));
  }

  @Test
  void allShardsAreAskedAtOnceAndLaterOnlyThoseThatRanDry() {
    List<CompletableFuture<Slice<Integer, Integer>>> answers = new ArrayList<>();
    List<Integer> asked = new ArrayList<>();
    var merged =
        MergedQuery.<Integer, Integer>first(
            10,
            3,
            Comparator.naturalOrder(),
            (shard, from, size) -> {
              asked.add(shard);
              answers.add(new CompletableFuture<>());
              return answers.getLast();
            });
    assertThat(asked).containsExactly(0, 1, 2);
    answers.get(2).complete(new Slice<>(List.of(20, 21), Optional.of(2)));
    answers.get(1).complete(new Slice<>(List.of(1, 2), Optional.of(2)));
    assertThat(asked).hasSize(3);
    answers.get(0).complete(new Slice<>(List.of(), Optional.empty()));
    assertThat(asked).as("only shard 1 needs more rows").containsExactly(0, 1, 2, 1);
    answers.get(3).complete(new Slice<>(List.of(30), Optional.empty()));
    assertThat(asked).containsExactly(0, 1, 2, 1, 2);
    answers.get(4).complete(new Slice<>(List.of(22), Optional.empty()));
    assertThat(merged).isCompletedWithValue(new Merged<>(List.of(1, 2, 20, 21, 22, 30), false));
  }

  @Test
  void aBalancedPageNeedsOneRound() {
    for (int limit = 2; limit <= 100; limit++) {
      Shards shards = new Shards(2);
      for (int row = 0; row < 1_000; row++) {
        shards.rows.get(row % 2).add(row);
      }
      assertThat(first(limit, shards).rows()).hasSize(limit);
      assertThat(shards.asked).as("limit %s", limit).hasSize(2);
    }
  }

  @Test
  void noRowsAreNoPage() {
    assertThat(first(20, new Shards(4))).isEqualTo(new Merged<>(List.of(), false));
  }

  @Test
  void aSliceThatFailsFailsThePage() {
    Unavailable away = new Unavailable("away");
    var merged =
        MergedQuery.<Integer, Integer>first(
            10,
            2,
            Comparator.naturalOrder(),
            (shard, from, size) ->
                shard == 0
                    ? CompletableFuture.failedFuture(away)
                    : CompletableFuture.completedFuture(new Slice<>(List.of(1), Optional.empty())));
    assertThat(merged.handle((done, failure) -> Futures.cause(failure))).isCompletedWithValue(away);
  }

  @Test
  void whatTheRelayTakesComesInFewRounds() {
    Shards shards = new Shards(2);
    shards.given = size -> Math.min(size, 1_000);
    for (int row = 0; row < 10_000; row++) {
      shards.rows.get(row % 2).add(row);
    }
    Merged<Integer> merged = first(4_000, shards);
    assertThat(merged.rows()).hasSize(4_000);
    assertThat(merged.more()).isTrue();
    assertThat(shards.asked).hasSizeLessThan(12);
  }

  private static Merged<Integer> first(int limit, Shards shards) {
    return MergedQuery.<Integer, Integer>first(
            limit, shards.rows.size(), Comparator.naturalOrder(), shards::fetch)
        .resultNow();
  }
}

package dev.asyncitems.dynamodb;

import dev.asyncitems.call.Futures;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/**
 * The first rows of several sorted shards as one sorted list.
 *
 * <p>All shards are asked at once for about their share; only one that ran dry while it had more is
 * asked again. For a page of L rows of N shards it reads at most 2 L + N rows, wherever they lie.
 * One object serves one page; its steps follow each other.
 *
 * @param <R> a row
 * @param <K> where a shard's next slice begins
 */
final class MergedQuery<R, K> {
  /** Reads a slice of a shard. */
  @FunctionalInterface
  interface Fetch<R, K> {
    CompletableFuture<Slice<R, K>> fetch(int shard, Optional<K> from, int limit);
  }

  /**
   * A part of a shard.
   *
   * @param rows in order
   * @param next where the next slice begins; empty when this was the last
   */
  record Slice<R, K>(List<R> rows, Optional<K> next) {}

  /**
   * What was found.
   *
   * @param rows in order, at most as many as were wanted
   * @param more whether there are more
   */
  record Merged<R>(List<R> rows, boolean more) {}

  private static final class Shard<R, K> {
    final int number;
    final Deque<R> rows = new ArrayDeque<>();
    Optional<K> next = Optional.empty();
    boolean asked;

    Shard(int number) {
      this.number = number;
    }

    boolean isDry() {
      return rows.isEmpty() && (!asked || next.isPresent());
    }
  }

  private final Fetch<R, K> fetch;
  private final Comparator<R> order;
  private final int limit;
  private final List<Shard<R, K>> shards = new ArrayList<>();
  private final List<R> merged = new ArrayList<>();
  private int read;
  private int chunk;

  private MergedQuery(int shards, int limit, Comparator<R> order, Fetch<R, K> fetch) {
    this.fetch = fetch;
    this.order = order;
    this.limit = limit;
    for (int number = 0; number < shards; number++) {
      this.shards.add(new Shard<>(number));
    }
  }

  /** The first rows of all shards. */
  static <R, K> CompletableFuture<Merged<R>> first(
      int limit, int shards, Comparator<R> order, Fetch<R, K> fetch) {
    var query = new MergedQuery<>(shards, limit, order, fetch);
    return query.ask(query.shards, query.firstChunk()).thenCompose(asked -> query.merge());
  }

  // One more than is wanted tells whether there are more.
  private int wanted() {
    return limit + 1 - merged.size();
  }

  // A little more than the share, since shards are seldom equal, as far as the bound allows: a
  // whole chunk may go unused in every shard but one.
  private int firstChunk() {
    int n = shards.size();
    int share = Math.ceilDiv(wanted(), n);
    int slack = (int) (2 * Math.sqrt(share));
    int allowed = n == 1 ? wanted() : limit / (n - 1);
    return Math.min(wanted(), Math.max(share, Math.min(allowed, share + slack)));
  }

  // What is wanted still, plus a whole chunk unused in every shard, must fit what may be read.
  private int nextChunk() {
    if (chunk == 0) {
      int mayRead = 2 * limit + shards.size() - read;
      chunk = Math.max(1, (mayRead - wanted() + 1) / shards.size());
    }
    return Math.min(chunk, wanted());
  }

  private CompletableFuture<List<Slice<R, K>>> ask(List<Shard<R, K>> dry, int size) {
    List<CompletableFuture<Slice<R, K>>> slices =
        dry.stream().map(shard -> fetch.fetch(shard.number, shard.next, size)).toList();
    return Futures.all(slices)
        .thenApply(all -> {
          for (int i = 0; i < dry.size(); i++) {
            Shard<R, K> shard = dry.get(i);
            Slice<R, K> slice = all.get(i);
            shard.asked = true;
            shard.rows.addAll(slice.rows());
            shard.next = slice.next();
            read += slice.rows().size();
          }
          return all;
        });
  }

  private CompletableFuture<Merged<R>> merge() {
    while (wanted() > 0) {
      List<Shard<R, K>> dry = shards.stream().filter(Shard::isDry).toList();
      if (!dry.isEmpty()) {
        return ask(dry, nextChunk()).thenCompose(asked -> merge());
      }
      Optional<Shard<R, K>> first =
          shards.stream()
              .filter(shard -> !shard.rows.isEmpty())
              .min(Comparator.comparing(shard -> shard.rows.getFirst(), order));
      if (first.isEmpty()) {
        return CompletableFuture.completedFuture(new Merged<>(List.copyOf(merged), false));
      }
      merged.add(first.get().rows.removeFirst());
    }
    return CompletableFuture.completedFuture(
        new Merged<>(List.copyOf(merged.subList(0, limit)), true));
  }
}

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
 * A query that merges the first rows of several sorted shards into one sorted list. Each object
 * reads one page and is not thread-safe.
 *
 * <p>The query reads all shards concurrently and asks each for slightly more than an equal part of
 * the page. It reads a shard again only if all rows read from it are merged and the shard has more.
 * A page of L rows from N shards reads at most 2 L + N rows.
 *
 * @param <K> the type of the key after which a shard's next slice begins
 */
final class MergedQuery<R, K> {
  @FunctionalInterface
  interface Fetch<R, K> {
    CompletableFuture<Slice<R, K>> fetch(int shard, Optional<K> from, int limit);
  }

  /** A sorted slice of a shard. {@code next} is empty if the shard has no further slice. */
  record Slice<R, K>(List<R> rows, Optional<K> next) {}

  /** The merged rows in order. {@code more} means that further rows exist. */
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

  /** Returns the first {@code limit} rows of all shards together. */
  static <R, K> CompletableFuture<Merged<R>> first(
      int limit, int shards, Comparator<R> order, Fetch<R, K> fetch) {
    var query = new MergedQuery<>(shards, limit, order, fetch);
    return query.ask(query.shards, query.firstChunk()).thenCompose(asked -> query.merge());
  }

  // One row more than the limit shows whether further rows exist.
  private int missing() {
    return limit + 1 - merged.size();
  }

  // Asks for slightly more than an equal part, since shards seldom hold equal parts of a page. The
  // chunk is limited, because all shards but one may leave a whole chunk unused.
  private int firstChunk() {
    int n = shards.size();
    int share = Math.ceilDiv(missing(), n);
    int slack = (int) (2 * Math.sqrt(share));
    int allowed = n == 1 ? missing() : limit / (n - 1);
    return Math.min(missing(), Math.max(share, Math.min(allowed, share + slack)));
  }

  // The rows read so far, the missing rows and an unused chunk per shard must not exceed 2 L + N.
  private int nextChunk() {
    if (chunk == 0) {
      int mayRead = 2 * limit + shards.size() - read;
      chunk = Math.max(1, (mayRead - missing() + 1) / shards.size());
    }
    return Math.min(chunk, missing());
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
    while (missing() > 0) {
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

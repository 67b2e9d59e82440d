package dev.asyncitems.local.page;

/** A request that the page does not answer as asked; the message says why, in a sentence. */
final class Rejection extends RuntimeException {

  private static final long serialVersionUID = 1L;

  private final int status;

  private Rejection(int status, String sentence) {
    super(sentence);
    this.status = status;
  }

  /** Nothing has that path. */
  static Rejection notFound() {
    return new Rejection(404, "There is nothing here.");
  }

  /** A part of the request is malformed. */
  static Rejection badRequest(String sentence) {
    return new Rejection(400, sentence);
  }

  int status() {
    return status;
  }

  String sentence() {
    return String.valueOf(getMessage());
  }
}

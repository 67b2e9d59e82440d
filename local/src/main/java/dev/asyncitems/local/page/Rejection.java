package dev.asyncitems.local.page;

/** A request that the page rejects. The message is a sentence that says why. */
final class Rejection extends RuntimeException {

  private static final long serialVersionUID = 1L;

  private final int status;

  private Rejection(int status, String sentence) {
    super(sentence);
    this.status = status;
  }

  static Rejection notFound() {
    return new Rejection(404, "There is nothing here.");
  }

  static Rejection badRequest(String sentence) {
    return new Rejection(400, sentence);
  }

  int status() {
    return status;
  }
}

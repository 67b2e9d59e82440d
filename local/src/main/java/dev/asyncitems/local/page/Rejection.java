package dev.asyncitems.local.page;

/** An exception for a request that the page rejects. The message is a sentence with the reason. */
final class Rejection extends RuntimeException {

  private static final long serialVersionUID = 1L;

  private final int status;

  private Rejection(int status, String sentence) {
    super(sentence);
    this.status = status;
  }

  static Rejection notFound() {
    return new Rejection(404, "The page has no resource at this path.");
  }

  static Rejection badRequest(String sentence) {
    return new Rejection(400, sentence);
  }

  int status() {
    return status;
  }
}

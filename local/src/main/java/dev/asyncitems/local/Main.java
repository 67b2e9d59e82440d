package dev.asyncitems.local;

/** The command line of the local run. */
public final class Main {

  private Main() {}

  public static void main(String[] args) {
    System.err.println("Not built yet: " + args.length);
  }
}

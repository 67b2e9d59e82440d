package dev.asyncitems.local.contract;

/**
 * An exception for a contract that the build cannot publish. The message is a sentence for the
 * contract's author.
 */
public final class ContractException extends RuntimeException {

  private static final long serialVersionUID = 1L;

  ContractException(String message) {
    super(message);
  }
}

package dev.asyncitems.local.template;

/**
 * An exception for a template that cannot be read or used. The message is a sentence for the
 * template's author. If it can, it names the resource and the property.
 */
public final class TemplateException extends RuntimeException {

  private static final long serialVersionUID = 1L;

  public TemplateException(String message) {
    super(message);
  }

  public TemplateException(String message, Throwable cause) {
    super(message, cause);
  }
}

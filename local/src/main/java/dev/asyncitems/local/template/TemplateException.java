package dev.asyncitems.local.template;

/**
 * The template can't be read or used. The message is one sentence for the template's author: it
 * names the resource and the property.
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

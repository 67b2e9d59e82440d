package dev.asyncitems.local.invocation;

import java.lang.reflect.Field;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Modifier;
import java.lang.reflect.Proxy;

/**
 * The place in a handler where its background tasks run. A failure of a whole invocation counts no
 * attempt, so a task that has to fail must fail here. The functions have no such switch, because
 * nobody needs it on AWS.
 */
final class TaskSeam {

  /** The packages of the objects to search, so that the search leaves out libraries. */
  private static final String PACKAGES = "dev.asyncitems.";

  private static final String TASK = PACKAGES + "outbox.BackgroundTask";

  /** The depth of the search. A handler has a shell, which has a consumer, which has the task. */
  private static final int DEPTH = 4;

  private TaskSeam() {}

  /**
   * Makes the tasks of a handler call {@code check} first, and fail if it throws.
   *
   * @return whether the handler has tasks
   */
  static boolean open(Object handler, Runnable check) {
    try {
      return open(handler, check, DEPTH);
    } catch (IllegalAccessException e) {
      throw new IllegalStateException(e);
    }
  }

  private static boolean open(Object owner, Runnable check, int depth)
      throws IllegalAccessException {
    boolean found = false;
    for (Class<?> type = owner.getClass(); isOwn(type); type = type.getSuperclass()) {
      for (Field field : type.getDeclaredFields()) {
        Object value = Modifier.isStatic(field.getModifiers()) ? null : value(field, owner);
        if (value != null && field.getType().getName().equals(TASK)) {
          field.set(owner, checked(field.getType(), value, check));
          found = true;
        } else if (value != null && depth > 1) {
          found |= open(value, check, depth - 1);
        }
      }
    }
    return found;
  }

  private static Object value(Field field, Object owner) throws IllegalAccessException {
    field.setAccessible(true);
    return field.get(owner);
  }

  private static boolean isOwn(Class<?> type) {
    return type.getName().startsWith(PACKAGES) && !type.isHidden();
  }

  private static Object checked(Class<?> type, Object task, Runnable check) {
    return Proxy.newProxyInstance(
        type.getClassLoader(),
        new Class<?>[] {type},
        (proxy, method, arguments) -> {
          if (method.getDeclaringClass().equals(type)) {
            check.run();
          }
          try {
            return method.invoke(task, arguments);
          } catch (InvocationTargetException e) {
            throw e.getCause() == null ? e : e.getCause();
          }
        });
  }
}

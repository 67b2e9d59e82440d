package dev.asyncitems.system;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.api.extension.ConditionEvaluationResult;
import org.junit.jupiter.api.extension.ExecutionCondition;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * A capability that a test needs. On an engine without it, the test is skipped with that reason.
 * docs/engines.md lists what each engine lacks.
 */
@Target({ElementType.TYPE, ElementType.METHOD})
@Retention(RetentionPolicy.RUNTIME)
@ExtendWith(Needs.Condition.class)
public @interface Needs {
  Capability value();

  /** Decides by the lane's engine. */
  final class Condition implements ExecutionCondition {
    @Override
    public ConditionEvaluationResult evaluateExecutionCondition(ExtensionContext context) {
      return context
          .getElement()
          .map(element -> element.getAnnotation(Needs.class))
          .map(Needs::value)
          .filter(needed -> !Lane.engine().can(needed))
          .map(missing -> ConditionEvaluationResult.disabled(Lane.engine().lacks(missing)))
          .orElseGet(() -> ConditionEvaluationResult.enabled("the engine can do what is needed"));
    }
  }
}

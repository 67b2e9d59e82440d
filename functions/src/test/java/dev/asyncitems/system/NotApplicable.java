package dev.asyncitems.system;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.extension.ConditionEvaluationResult;
import org.junit.jupiter.api.extension.ExecutionCondition;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * An end-to-end test that can't hold behind some gateways; there it is skipped, for that reason.
 */
@Target(ElementType.METHOD)
@Retention(RetentionPolicy.RUNTIME)
@interface NotApplicable {
  /** The gateways; if not told, all but the local run's. */
  Gateway[] to() default {Gateway.SAM_LOCAL, Gateway.MINISTACK, Gateway.AWS};

  String because();

  /** Asks which gateway it is. */
  final class Condition implements ExecutionCondition {
    @Override
    public ConditionEvaluationResult evaluateExecutionCondition(ExtensionContext context) {
      Gateway gateway = Gateway.current();
      return context
          .getElement()
          .flatMap(test -> Optional.ofNullable(test.getAnnotation(NotApplicable.class)))
          .filter(not -> List.of(not.to()).contains(gateway))
          .map(not ->
              ConditionEvaluationResult.disabled(
                  "not applicable to " + gateway + ": " + not.because()))
          .orElseGet(() -> ConditionEvaluationResult.enabled("applicable to " + gateway));
    }
  }
}

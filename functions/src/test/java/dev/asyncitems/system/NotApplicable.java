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

/** Skips an end-to-end test behind gateways where it cannot hold, with a reason. */
@Target(ElementType.METHOD)
@Retention(RetentionPolicy.RUNTIME)
@interface NotApplicable {
  /** The gateways, by default all except the local run. */
  Gateway[] to() default {Gateway.SAM_LOCAL, Gateway.MINISTACK, Gateway.AWS};

  String because();

  /** Decides by the current gateway. */
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

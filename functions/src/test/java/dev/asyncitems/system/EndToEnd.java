package dev.asyncitems.system;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * Tests that speak HTTP to the API and look at nothing else: with {@code -Dapi.url} they run
 * against the API that answers there, and without it against a run of their own.
 */
@Target(ElementType.TYPE)
@Retention(RetentionPolicy.RUNTIME)
@Tag("end-to-end")
@ExtendWith({Running.class, NotApplicable.Condition.class})
@interface EndToEnd {}

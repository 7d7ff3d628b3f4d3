package io.tributary.config;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * The records that a component of an interface type, or of a list of it, can be: for variants that live in packages of
 * their own, where a sealed interface cannot permit them. Each has a {@link TypeName}.
 */
@Documented
@Target(ElementType.RECORD_COMPONENT)
@Retention(RetentionPolicy.RUNTIME)
public @interface Variants {
    Class<?>[] value() default {};

    /** Instead of naming them: the record whose component of the same name does. */
    Class<?> as() default void.class;
}

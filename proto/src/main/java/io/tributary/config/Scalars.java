package io.tributary.config;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Text to values of the simple types. Every method throws IllegalArgumentException that says what is expected. */
final class Scalars {
    private Scalars() {}

    static boolean isScalar(Class<?> type) {
        return type == String.class
                || isNumberOrBoolean(type)
                || type.isEnum()
                || type == Duration.class
                || type == Path.class
                || type == ZoneId.class
                || parser(type) != null;
    }

    static boolean isNumberOrBoolean(Class<?> type) {
        return type == boolean.class
                || type == Boolean.class
                || type == int.class
                || type == Integer.class
                || type == long.class
                || type == Long.class
                || type == double.class
                || type == Double.class;
    }

    /** What to write for {@code type}, for messages. */
    static String expectation(Class<?> type) {
        if (type == boolean.class || type == Boolean.class) {
            return "true or false";
        } else if (type == int.class || type == Integer.class || type == long.class || type == Long.class) {
            return "a whole number";
        } else if (type == double.class || type == Double.class) {
            return "a number";
        } else if (type.isEnum()) {
            return "one of " + String.join(", ", enumNames(type));
        }
        return type == String.class
                ? "a text"
                : "a value of type " + type.getSimpleName().toLowerCase(Locale.ROOT);
    }

    static Object parse(String text, Class<?> type) {
        if (type == String.class) {
            return text;
        } else if (type == boolean.class || type == Boolean.class) {
            return bool(text);
        } else if (type == int.class || type == Integer.class) {
            return (int) whole(text, Integer.MIN_VALUE, Integer.MAX_VALUE);
        } else if (type == long.class || type == Long.class) {
            return whole(text, Long.MIN_VALUE, Long.MAX_VALUE);
        } else if (type == double.class || type == Double.class) {
            return real(text);
        } else if (type.isEnum()) {
            return constant(text, type);
        } else if (type == Duration.class) {
            return Durations.parse(text);
        } else if (type == Path.class) {
            return path(text);
        } else if (type == ZoneId.class) {
            return zone(text);
        }
        return byParser(text, type);
    }

    private static boolean bool(String text) {
        return switch (text) {
            case "true", "True", "TRUE" -> true;
            case "false", "False", "FALSE" -> false;
            default -> throw new IllegalArgumentException("expected true or false");
        };
    }

    private static long whole(String text, long least, long most) {
        try {
            long value;
            if (text.startsWith("0x")) {
                value = Long.parseLong(text.substring(2), 16);
            } else if (text.startsWith("0o")) {
                value = Long.parseLong(text.substring(2), 8);
            } else {
                value = Long.parseLong(text);
            }
            if (value >= least && value <= most) {
                return value;
            }
        } catch (NumberFormatException e) {
            // Told below, with the range.
        }
        throw new IllegalArgumentException("expected a whole number from " + least + " to " + most);
    }

    private static double real(String text) {
        try {
            char last = text.isEmpty() ? 'x' : text.charAt(text.length() - 1);
            double value = Double.parseDouble(text);
            if (Double.isFinite(value) && (Character.isDigit(last) || last == '.')) {
                return value;
            }
        } catch (NumberFormatException e) {
            // Told below.
        }
        throw new IllegalArgumentException("expected a finite number");
    }

    private static Object constant(String text, Class<?> type) {
        for (Object constant : Objects.requireNonNull(type.getEnumConstants())) {
            if (enumName((Enum<?>) constant).equals(text)) {
                return constant;
            }
        }
        List<String> names = enumNames(type);
        throw new IllegalArgumentException("expected one of " + String.join(", ", names));
    }

    static List<String> enumNames(Class<?> type) {
        List<String> names = new ArrayList<>();
        for (Object constant : Objects.requireNonNull(type.getEnumConstants())) {
            names.add(enumName((Enum<?>) constant));
        }
        return names;
    }

    private static String enumName(Enum<?> constant) {
        return constant.name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    private static Path path(String text) {
        try {
            if (!text.isEmpty()) {
                return Path.of(text);
            }
        } catch (InvalidPathException e) {
            // Told below.
        }
        throw new IllegalArgumentException("expected a path");
    }

    private static ZoneId zone(String text) {
        try {
            return ZoneId.of(text);
        } catch (DateTimeException e) {
            throw new IllegalArgumentException("expected a time zone, for example UTC, Asia/Shanghai or +08:00", e);
        }
    }

    private static Object byParser(String text, Class<?> type) {
        try {
            return Objects.requireNonNull(Objects.requireNonNull(parser(type)).invoke(null, text));
        } catch (InvocationTargetException e) {
            if (e.getCause() instanceof IllegalArgumentException fault) {
                throw fault;
            }
            throw new IllegalStateException(type + ".parse failed", e);
        } catch (IllegalAccessException e) {
            throw new IllegalStateException(type + ".parse is not accessible", e);
        }
    }

    private static @Nullable Method parser(Class<?> type) {
        try {
            Method method = type.getDeclaredMethod("parse", String.class);
            boolean usable = Modifier.isStatic(method.getModifiers())
                    && Modifier.isPublic(method.getModifiers())
                    && method.getReturnType() == type;
            if (usable) {
                method.setAccessible(true);
                return method;
            }
            return null;
        } catch (NoSuchMethodException e) {
            return null;
        }
    }
}

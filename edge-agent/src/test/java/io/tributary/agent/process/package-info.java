@org.jspecify.annotations.NullMarked
package io.tributary.agent.process;

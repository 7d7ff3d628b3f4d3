/** Rules over all packages of the module. */
@org.jspecify.annotations.NullMarked
package io.tributary;

/** Bytes written once that have to be read for ever: layouts, wire contracts, and the page that draws them. */
@org.jspecify.annotations.NullMarked
package io.tributary.golden;

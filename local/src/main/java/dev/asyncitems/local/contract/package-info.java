/** The files that the API serves of its OpenAPI document. The build makes them. */
@NullMarked
package dev.asyncitems.local.contract;

import org.jspecify.annotations.NullMarked;

/** A nominal type: a plain value that the compiler will not let you swap for another kind of plain value. */
export type Brand<T, Name extends string> = T & { readonly __brand: Name }

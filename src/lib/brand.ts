declare const brand: unique symbol;

/** A primitive that was checked once, where it came in. Only its parse function makes one. */
export type Brand<Base, Name extends string> = Base & { readonly [brand]: Name };

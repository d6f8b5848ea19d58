/**
 * Makes the getters of a class keep the objects that they return: each runs once for an instance. Call it in a static block of
 * the class.
 */
export function keepGetters(prototype: object): void {
  for (const [name, getter] of Object.entries(Object.getOwnPropertyDescriptors(prototype))) {
    if (!getter.get) continue;
    // A plain property, because `Object.defineProperty` takes longer than most constructors.
    const kept = Symbol(name);
    Object.defineProperty(prototype, name, {
      configurable: true,
      get(this: Record<symbol, unknown>) {
        return (this[kept] ??= getter.get?.call(this));
      },
    });
  }
}

import { builder } from './builder.ts';

/** An enum whose names are the domain's values in GraphQL's spelling: `lastModified` is `LAST_MODIFIED`. */
export function enumOf<const Value extends string>(name: string, values: readonly Value[]) {
  const named = values.map((value) => [spell(value), { value }] as const);
  return builder.enumType(name, { values: Object.fromEntries(named) });
}

function spell(value: string): string {
  return value
    .replaceAll(/([a-z])([A-Z])/g, '$1_$2')
    .replaceAll(/[-.]/g, '_')
    .toUpperCase();
}

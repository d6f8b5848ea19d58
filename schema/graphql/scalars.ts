import { GraphQLError } from 'graphql';
import { z } from 'zod';
import { builder } from './builder.ts';

/** As REST and tRPC take moments. A Date takes years too that the database has not. */
const Moment = z.iso.datetime({ offset: true });

builder.scalarType('DateTime', {
  description: 'A moment in UTC, as ISO 8601 with a `Z` at its end.',
  serialize: (value) => value.toISOString(),
  parseValue: (value) => {
    const moment = Moment.safeParse(value);
    if (!moment.success) throw new GraphQLError('DateTime: expected a moment such as 2026-01-31T12:00:00Z.');
    return new Date(moment.data);
  },
});

builder.scalarType('SafeInt', {
  description: 'A whole number up to 2^53 - 1, such as a size in bytes, which `Int` cannot hold.',
  serialize: (value) => value,
  parseValue: (value) => {
    if (typeof value !== 'number' || !Number.isSafeInteger(value))
      throw new GraphQLError('SafeInt: expected a whole number between -(2^53 - 1) and 2^53 - 1.');
    return value;
  },
});

builder.scalarType('JSON', {
  description: 'Any JSON value: what a card or an open form holds.',
  serialize: (value) => value,
  parseValue: (value) => value,
});

import { writeFile } from 'node:fs/promises';
import { lexicographicSortSchema, printSchema } from 'graphql';
import { schema } from './schema.ts';

// Writes the schema for codegen, which must not import it: it would load another copy of graphql.
await writeFile('schema/schema.graphql', `${printSchema(lexicographicSortSchema(schema))}\n`);

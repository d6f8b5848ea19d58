import type { CodegenConfig } from '@graphql-codegen/cli';

/** Typed documents for clients. The schema comes from its printed form: imported here, it would meet another copy of graphql. */
const config: CodegenConfig = {
  schema: 'schema/schema.graphql',
  documents: ['schema/documents/**/*.graphql'],
  generates: {
    'schema/client/generated/': {
      preset: 'client',
      presetConfig: { persistedDocuments: true, fragmentMasking: { unmaskFunctionName: 'readFragment' } },
      config: {
        useTypeImports: true,
        enumsAsTypes: true,
        strictScalars: true,
        importExtension: '.ts',
        scalars: { DateTime: 'string', SafeInt: 'number', JSON: 'unknown' },
      },
    },
  },
};

export default config;

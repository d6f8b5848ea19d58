import { usePersistedOperations } from '@graphql-yoga/plugin-persisted-operations';
import { validate } from 'graphql';
import type { Plugin } from 'graphql-yoga';
import { LRUCache } from 'lru-cache';
import persisted from '../client/generated/persisted-documents.json' with { type: 'json' };
import { parseBounded } from './limits.ts';
import { maskError } from './mask-error.ts';
import { refusal } from './refusal.ts';

/** Of the mistakes in a document, the first are enough; to look for likely names costs time for each. */
const MAX_MISTAKES = 5;

const TEXTS: ReadonlyMap<string, string> = new Map(Object.entries(persisted));

/**
 * The documents of `schema/documents` by the id that codegen gave them (`documentId`).
 * @param isOpen whether other documents are taken too.
 */
export function useKnownDocuments({ isOpen }: { readonly isOpen: boolean }): Plugin {
  return usePersistedOperations({
    allowArbitraryOperations: isOpen,
    extractPersistedOperationId: (params, request) => {
      // Yoga reads no parameters from an address but those of GraphQL over HTTP.
      if (request.method === 'GET') return new URL(request.url).searchParams.get('documentId');
      const { documentId } = params as { readonly documentId?: unknown };
      return typeof documentId === 'string' ? documentId : null;
    },
    getPersistedOperation: (id) => TEXTS.get(id) ?? null,
    customErrors: {
      notFound: () => refusal('documentId: this hub has no document of that id.'),
      keyNotFound: () => refusal(isOpen ? 'Send query or documentId.' : 'Send documentId.'),
      persistedQueryOnly: () =>
        refusal('This hub takes only the documents that it knows. Send documentId instead of query.'),
    },
  });
}

/** Bounds what is parsed, validated and executed, and gives mistakes their code. */
export function useLimits(): Plugin {
  return {
    onRequestParse({ request, requestParser, setRequestParser }) {
      if (request.method !== 'GET' || !requestParser) return;
      setRequestParser(async (get) => {
        try {
          return await requestParser(get);
        } catch {
          throw refusal('variables and extensions: expected JSON.');
        }
      });
    },
    onParse({ setParseFn }) {
      setParseFn(parseBounded);
    },
    onValidate({ setValidationFn }) {
      setValidationFn((schema: Schema, document: Document, rules: Rules) =>
        validate(schema, document, rules, { maxErrors: MAX_MISTAKES }),
      );
      return ({ result, setResult }) => setResult(result.map(maskError));
    },
  };
}

type Schema = Parameters<typeof validate>[0];
type Document = Parameters<typeof validate>[1];
type Rules = Parameters<typeof validate>[2];

/** Documents by their texts, about 30 MB of them at most. What is no document is not remembered. */
export function documentCaches() {
  return {
    documentCache: new LRUCache<string, Document>({
      maxSize: 400_000,
      sizeCalculation: (_document, text) => text.length || 1,
    }),
    errorCache: { get: () => undefined, set: () => {} },
  };
}

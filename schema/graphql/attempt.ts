import { GraphQLError, type ValidationRule } from 'graphql';
import type { Plugin } from 'graphql-yoga';

/** Marks a field that somebody could guess with, or send mails with: logins, registrations, passwords, codes. */
export const ATTEMPT = { extensions: { isAttempt: true } } as const;

/** A document has one such field at most, so that aliases are no way to try many. */
const OneAttemptRule: ValidationRule = (context) => {
  let hasAttempt = false;
  return {
    Field(node) {
      if (!context.getFieldDef()?.extensions['isAttempt']) return;
      if (hasAttempt) context.reportError(new GraphQLError(refusal(node.name.value), { nodes: node }));
      hasAttempt = true;
    },
  };
};

/** Refuses, before any of it runs, an operation that tries more than one login, registration or password. */
export function useOneAttempt(): Plugin {
  return {
    onValidate({ addValidationRule }) {
      addValidationRule(OneAttemptRule);
    },
  };
}

function refusal(fieldName: string): string {
  return `Send ${fieldName} in an operation without other logins, registrations or passwords.`;
}

import { named, type RefusalRows } from './rows.ts';

/** The repository of the table has no gate: whoever may ask is told so. */
export const gateRefusals: RefusalRows = {
  graphql: {
    requestAccess: { input: named, stranger: 'BadRequest' },
    withdrawAccessRequest: { input: named, stranger: 'NotFound' },
    decideAccessRequest: {
      input: (target) => ({ ...named(target), username: target.owner.name, status: 'ACCEPTED' }),
      stranger: 'Forbidden',
    },
    grantAccess: {
      input: (target) => ({ ...named(target), username: target.owner.name }),
      stranger: 'Forbidden',
    },
  },
  trpc: {
    'gates.ask': { input: named, stranger: 'BadRequest' },
    'gates.withdraw': { input: named, stranger: 'NotFound' },
    'gates.decide': {
      input: (target) => ({ ...named(target), username: target.owner.name, status: 'accepted' }),
      stranger: 'Forbidden',
    },
    'gates.grant': {
      input: (target) => ({ ...named(target), username: target.owner.name }),
      stranger: 'Forbidden',
    },
  },
};

const times = (count: number, text: (index: number) => string): string =>
  Array.from({ length: count }, (_, index) => text(index)).join(' ');

/**
 * Documents that would cost a server much if it took them. `salt` makes each text another one, so that nothing is remembered.
 * `test/schema/doors/hostile-graphql.test.ts` has what each is refused for.
 */
export function hostileDocuments(salt: number): readonly string[] {
  const doubling = times(60, (n) => `fragment f${n} on Query { ...f${n + 1} ...f${n + 1} }`);
  return [
    `{ ${'repo { '.repeat(900)} id ${'}'.repeat(900)} }`,
    `{ ${times(500, (n) => `a${n}: viewer { isAdmin }`)} }`,
    `{ viewer { ${times(600, (n) => `a${n}: isAdmin`)} } }`,
    `{ ...f0 } ${doubling} fragment f60 on Query { viewer { isAdmin } }`,
    `{ ...f } fragment f on Query { ...g } fragment g on Query { ...f }`,
    `{ repos { edges { node { ${times(40, () => 'owner { name bio }')} } } } }`,
    `{ ${times(10, () => `repos { edges { ${times(4, () => `node { ${times(4, () => 'owner { name }')} }`)} } }`)} }`,
    `{ repos(first: 1000000) { edges { node { id headCommit { title } owner { name } } } } }`,
    `{ __schema { types { fields { type { fields { type { fields { name } } } } } } } }`,
    `{ ${times(10, (n) => `viewre${n} { isAdmim }`)} }`,
    `{ repo(name: ${'['.repeat(900)}${']'.repeat(900)}) { id } }`,
    `mutation { ${times(200, (n) => `a${n}: logIn(input: { name: "bench", password: "${n}" }) { __typename }`)} }`,
  ].map((document) => `${document} # ${salt}`);
}

import {
  ComplexityErrorKind,
  type ComplexityErrorFn,
  type ComplexityResult,
} from '@pothos/plugin-complexity';
import {
  type DirectiveNode,
  type DocumentNode,
  type FieldNode,
  type FragmentDefinitionNode,
  type FragmentSpreadNode,
  Kind,
  type OperationDefinitionNode,
  parse,
  type SelectionNode,
  type SelectionSetNode,
  type Source,
  type ValueNode,
} from 'graphql';
import { BadRequest } from '../../src/domain/errors.ts';
import { MAX_COST } from '../costs.ts';
import { refusal } from './refusal.ts';

/**
 * What a document may hold. All of it is looked at in time that is linear in the text, before validation and the cost of
 * `builder.ts`, which walk fragments. The query of GraphiQL for the schema has 230 fields on 15 levels.
 */
const MAX_TEXT = { maxSourceLength: 20_000, maxLexicalTokens: 2000, maxComments: 200 };
const MAX: Readonly<Record<keyof Size, number>> = {
  fields: 500,
  depth: 20,
  aliases: 30,
  directives: 30,
  fragments: 100,
  schemaDepth: 1,
};
/** What refusals call them. */
const NAMES: Readonly<Record<keyof Size, string>> = {
  fields: 'fields',
  depth: 'levels',
  aliases: 'aliases',
  directives: 'directives',
  fragments: 'fragments',
  schemaDepth: 'list of the schema in another',
};
/** Those of the schema's own types: in each other, they list everything for everything. */
const SCHEMA_LISTS: ReadonlySet<string> = new Set(['fields', 'inputFields', 'interfaces', 'possibleTypes']);
const MAX_ROOT_FIELDS = 10;
const MAX_VARIABLES = 30;
const MAX_PAIRS = 500;

/** @throws {GraphQLError} for a text that is no document, or one beyond the limits. */
export function parseBounded(text: string | Source): DocumentNode {
  const document = parse(text, MAX_TEXT);
  checkDocument(document);
  return document;
}

/** What selections come to when each fragment stands where it is spread. */
interface Size {
  readonly fields: number;
  readonly depth: number;
  readonly aliases: number;
  readonly directives: number;
  /** Spread, or written where they stand. */
  readonly fragments: number;
  /** Of lists of the schema in each other. */
  readonly schemaDepth: number;
}

const NOTHING: Size = { fields: 0, depth: 0, aliases: 0, directives: 0, fragments: 0, schemaDepth: 0 };

function checkDocument({ definitions }: DocumentNode): void {
  const fragments = definitions.filter((definition) => definition.kind === Kind.FRAGMENT_DEFINITION);
  const sizes = new Sizes(fragments);
  const operations = definitions.filter((definition) => definition.kind === Kind.OPERATION_DEFINITION);
  const total = operations.map((operation) => sizes.of(operation)).reduce(sum, NOTHING);
  // Validation reads fragments too that no operation spreads.
  for (const size of [total, ...fragments.map((fragment) => sizes.of(fragment))]) checkSize(size);
  for (const { selectionSet, variableDefinitions = [] } of operations) {
    if (variableDefinitions.length > MAX_VARIABLES)
      throw refusal(`The operation has more than ${MAX_VARIABLES} variables.`);
    if (sizes.fieldsAt([selectionSet]).length > MAX_ROOT_FIELDS)
      throw refusal(`The operation selects more than ${MAX_ROOT_FIELDS} fields at its root.`);
    if (sizes.pairs([selectionSet]) > MAX_PAIRS)
      throw refusal('The operation selects the same fields too often.');
  }
}

function checkSize(size: Size): void {
  for (const [what, max] of Object.entries(MAX) as [keyof Size, number][]) {
    if (size[what] > max) throw refusal(`The document has more than ${max} ${NAMES[what]}.`);
  }
}

/** Measures each fragment once. @throws {GraphQLError} for one that is missing, or spreads itself. */
class Sizes {
  readonly #fragments: ReadonlyMap<string, FragmentDefinitionNode>;
  /** Null while it is measured. */
  readonly #sizes = new Map<string, Size | null>();

  constructor(fragments: readonly FragmentDefinitionNode[]) {
    this.#fragments = new Map(fragments.map((fragment) => [fragment.name.value, fragment]));
  }

  of(node: OperationDefinitionNode | FragmentDefinitionNode): Size {
    return sum(this.ofSelections(node.selectionSet), ownSize(node));
  }

  /** Fields that stand beside each other in the answer, those of fragments included. To be called when `of` is within the limits. */
  fieldsAt(selectionSets: readonly SelectionSetNode[]): FieldNode[] {
    return selectionSets.flatMap(({ selections }) =>
      selections.flatMap((selection) => {
        if (selection.kind === Kind.FIELD) return selection;
        const inner = selection.kind === Kind.INLINE_FRAGMENT ? selection : this.fragment(selection);
        return this.fieldsAt([inner.selectionSet]);
      }),
    );
  }

  /** How many pairs of fields have one place in the answer: validation compares each. To be called likewise. */
  pairs(selectionSets: readonly SelectionSetNode[]): number {
    const places = Map.groupBy(this.fieldsAt(selectionSets), ({ alias, name }) => (alias ?? name).value);
    let count = 0;
    for (const fields of places.values()) {
      count += (fields.length * (fields.length - 1)) / 2;
      count += this.pairs(fields.flatMap(({ selectionSet }) => selectionSet ?? []));
    }
    return count;
  }

  private ofSelections({ selections }: SelectionSetNode): Size {
    return selections.reduce((size, selection) => sum(size, this.ofSelection(selection)), NOTHING);
  }

  private ofSelection(selection: SelectionNode): Size {
    const own = ownSize(selection);
    if (selection.kind === Kind.FRAGMENT_SPREAD)
      return sum(this.ofSpread(selection), { ...own, fragments: 1 });
    const inner = selection.selectionSet ? this.ofSelections(selection.selectionSet) : NOTHING;
    if (selection.kind === Kind.INLINE_FRAGMENT) return sum(inner, { ...own, fragments: 1 });
    const field = { ...own, fields: 1, aliases: selection.alias ? 1 : 0 };
    const schemaDepth = inner.schemaDepth + (SCHEMA_LISTS.has(selection.name.value) ? 1 : 0);
    return { ...sum(inner, field), depth: Math.max(own.depth, inner.depth + 1), schemaDepth };
  }

  private ofSpread(spread: FragmentSpreadNode): Size {
    const name = spread.name.value;
    const known = this.#sizes.get(name);
    if (known) return known;
    if (known === null) throw refusal(`Fragment "${name}" spreads itself.`);
    this.#sizes.set(name, null);
    const size = this.of(this.fragment(spread));
    this.#sizes.set(name, size);
    return size;
  }

  private fragment({ name }: FragmentSpreadNode): FragmentDefinitionNode {
    const fragment = this.#fragments.get(name.value);
    if (!fragment) throw refusal(`Unknown fragment "${name.value}".`);
    return fragment;
  }
}

/** What stands at a node itself: its directives, and the levels of values in its arguments and theirs. */
function ownSize(node: SelectionNode | OperationDefinitionNode | FragmentDefinitionNode): Size {
  const { directives = [] } = node;
  const given = [...('arguments' in node ? (node.arguments ?? []) : []), ...directives.flatMap(argumentsOf)];
  const depth = Math.max(0, ...given.map(({ value }) => valueDepth(value)));
  return { ...NOTHING, directives: directives.length, depth };
}

function argumentsOf(directive: DirectiveNode): readonly { readonly value: ValueNode }[] {
  return directive.arguments ?? [];
}

/** Refusals quote values, each level of them further to the right. */
function valueDepth(value: ValueNode): number {
  if (value.kind === Kind.LIST) return 1 + Math.max(0, ...value.values.map(valueDepth));
  if (value.kind === Kind.OBJECT)
    return 1 + Math.max(0, ...value.fields.map((field) => valueDepth(field.value)));
  return 0;
}

function sum(a: Size, b: Size): Size {
  return {
    fields: a.fields + b.fields,
    depth: Math.max(a.depth, b.depth),
    aliases: a.aliases + b.aliases,
    directives: a.directives + b.directives,
    fragments: a.fragments + b.fragments,
    schemaDepth: Math.max(a.schemaDepth, b.schemaDepth),
  };
}

/** What one operation may cost; `docs/graphql.md` says how it is counted. */
export const LIMIT = { complexity: MAX_COST, depth: 12, breadth: 200 } as const;

const KEY_OF = {
  [ComplexityErrorKind.Depth]: 'depth',
  [ComplexityErrorKind.Breadth]: 'breadth',
  [ComplexityErrorKind.Complexity]: 'complexity',
} as const;

/** What is told of an operation that would cost too much. */
const REFUSALS = {
  [ComplexityErrorKind.Depth]: ({ depth }) =>
    `The operation is ${depth} levels deep; ${LIMIT.depth} are the most.`,
  [ComplexityErrorKind.Breadth]: ({ breadth }) =>
    `The operation selects ${breadth} fields; ${LIMIT.breadth} are the most.`,
  [ComplexityErrorKind.Complexity]: ({ complexity }) =>
    `The operation costs ${complexity} points; ${LIMIT.complexity} are the most. Ask for shorter lists or fewer fields.`,
} as const satisfies Record<ComplexityErrorKind, (cost: ComplexityResult) => string>;

/** The refusal of an operation that would cost too much, before any of it runs. */
export const tooExpensive: ComplexityErrorFn = (kind, cost) => new BadRequest(REFUSALS[kind](cost));

/** Likewise where nothing else looks at the cost. @throws {BadRequest} */
export function checkCost(cost: ComplexityResult): void {
  for (const kind of Object.values(ComplexityErrorKind)) {
    const what = KEY_OF[kind];
    if (cost[what] > LIMIT[what]) throw new BadRequest(REFUSALS[kind](cost));
  }
}

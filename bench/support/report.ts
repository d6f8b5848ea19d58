import { type Figure, show } from './figures.ts';

/** One line of a table: what the hub does, beside what a peer does in the same run. */
export interface Row {
  readonly what: string;
  readonly ours: Figure;
  readonly peers: readonly Peer[];
  /** Absent where nothing was promised. */
  readonly target?: Target | undefined;
  /** What profiles showed about a miss; printed only when there is one. */
  readonly causeOfMiss?: string;
}

export interface Peer {
  readonly name: string;
  readonly figure: Figure;
}

export interface Target {
  readonly text: string;
  readonly isMet: boolean;
}

/** One subject of the report. */
export interface Section {
  readonly title: string;
  /** How it is measured, in a few sentences. */
  readonly method: string;
  readonly rows: readonly Row[];
}

export function atLeast(figure: Figure, limit: number): Target {
  return { text: `≥ ${limit.toLocaleString('en-US')} ${figure.unit}`, isMet: figure.value >= limit };
}

export function below(figure: Figure, limit: number): Target {
  return { text: `< ${limit.toLocaleString('en-US')} ${figure.unit}`, isMet: figure.value < limit };
}

/** No more than `times` what the peer needs. */
export function atMostTimes(figure: Figure, peer: Peer, times: number): Target {
  return { text: `≤ ${times} × ${peer.name}`, isMet: figure.value <= times * peer.figure.value };
}

/** At least `times` what the peer does. */
export function atLeastTimes(figure: Figure, peer: Peer, times: number): Target {
  return { text: `≥ ${times} × ${peer.name}`, isMet: figure.value >= times * peer.figure.value };
}

/** `share` of what the peer does. */
export function atLeastShareOf(figure: Figure, peer: Peer, share: number): Target {
  return { text: `≥ ${share * 100} % of ${peer.name}`, isMet: figure.value >= share * peer.figure.value };
}

export function sectionMarkdown({ title, method, rows }: Section): string {
  const causes = new Set(
    rows.flatMap(({ target, causeOfMiss }) => (target?.isMet === false ? causeOfMiss : []) ?? []),
  );
  return [
    `## ${title}`,
    '',
    method,
    '',
    '| what | hub | peer | hub ÷ peer | target | result |',
    '| --- | --- | --- | --- | --- | --- |',
    ...rows.map(rowMarkdown),
    '',
    ...[...causes].flatMap((cause) => [`Cause of the miss: ${cause}`, '']),
  ].join('\n');
}

/** A line of the table. Long subjects show it as soon as it is measured. */
export function rowMarkdown({ what, ours, peers, target }: Row): string {
  const peerCell = peers.map(({ name, figure }) => `${name}: ${show(figure)}`).join('<br>');
  const ratioCell = peers.map(({ figure }) => (ours.value / figure.value).toPrecision(2)).join('<br>');
  const result = target ? (target.isMet ? 'met' : '**missed**') : '';
  return `| ${[what, show(ours), peerCell, ratioCell, target?.text ?? '', result].join(' | ')} |`;
}

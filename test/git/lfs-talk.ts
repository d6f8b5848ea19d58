import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import ssh2, { type ClientChannel } from 'ssh2';
import type { LfsOperation } from '../../src/domain/lfs/lfs-credentials.ts';
import { type RepoRef, webPrefix } from '../../src/domain/repo/repo-ref.ts';
import { DELIM_PKT, encodePkt, FLUSH_PKT, type Pkt, pktText, readPkts } from '../../src/git/pkt-line.ts';
import type { TestObject } from '../support/lfs-world.ts';
import type { KeyPair, SshWorld } from './ssh-hub.ts';

/** What the hub answered. */
interface Answer {
  readonly status: number;
  readonly args: readonly string[];
  /** Everything after the mark; null without one. */
  readonly data: Buffer | null;
  readonly text: string;
}

/** A conversation with `git-lfs-transfer` of the hub, by hand (git-lfs, docs/proposals/ssh_adapter.md). */
export class Talk {
  readonly channel: ClientChannel;
  readonly #client: ssh2.Client;
  readonly #pkts: AsyncIterator<Pkt>;

  constructor(client: ssh2.Client, channel: ClientChannel) {
    this.#client = client;
    this.channel = channel;
    const limits = { totalBytes: Infinity, count: Infinity };
    this.#pkts = readPkts(channel as AsyncIterable<Buffer>, limits);
  }

  /** @returns the conversation, after the hub has said what it can. */
  static async open(
    { ssh, key }: { ssh: SshWorld; key: KeyPair },
    repo: RepoRef,
    operation: LfsOperation,
  ): Promise<Talk> {
    const client = new ssh2.Client();
    const privateKey = await readFile(key.file);
    client.on('error', () => {});
    client.connect({ host: '127.0.0.1', port: ssh.door.port, username: 'git', privateKey });
    await once(client, 'ready');
    const channel = await new Promise<ClientChannel>((resolve, reject) => {
      client.exec(transferCommand(repo, operation), (error, opened) =>
        error ? reject(error) : resolve(opened),
      );
    });
    const talk = new Talk(client, channel);
    const said = [await talk.line(), await talk.line(), await talk.line()];
    if (said.join() !== 'version=1,locking,') throw new Error(said.join());
    return talk;
  }

  /** A request of lines, and after the mark of more lines. */
  ask(lines: readonly string[], more?: readonly string[]): Promise<Answer> {
    this.send(...lines.map(textPkt), ...(more ? [DELIM_PKT, ...more.map(textPkt)] : []), FLUSH_PKT);
    return this.answer();
  }

  put(object: TestObject, bytes = object.bytes): Promise<Answer> {
    this.beginPut(object);
    for (let at = 0; at < bytes.length; at += 30_000) this.send(encodePkt(bytes.subarray(at, at + 30_000)));
    this.send(FLUSH_PKT);
    return this.answer();
  }

  beginPut({ sha256, bytes }: TestObject): void {
    const head = [`put-object ${sha256}`, `size=${bytes.length}`];
    this.send(...head.map(textPkt), DELIM_PKT);
  }

  /** Line of the answer to a batch of one object. */
  async batch({ sha256, bytes }: TestObject, refName = 'refs/heads/main'): Promise<string> {
    const { status, text } = await this.ask(['batch', `refname=${refName}`], [`${sha256} ${bytes.length}`]);
    if (status !== 200) throw new Error(text);
    return text;
  }

  /** Asks for an upload, which is granted. */
  async grant(object: TestObject, refName?: string): Promise<void> {
    const line = await this.batch(object, refName);
    if (!/^\w+ \d+ upload expires-at=\S+$/.test(line)) throw new Error(line);
  }

  send(...bytes: readonly Uint8Array[]): void {
    this.channel.write(Buffer.concat(bytes));
  }

  /** Whether the hub ends the conversation. */
  async isOver(): Promise<boolean> {
    return (await this.#pkts.next()).done ?? false;
  }

  /** Null is a mark. */
  async line(): Promise<string | null> {
    const { done, value: pkt } = await this.#pkts.next();
    if (done) throw new Error('the hub has ended the conversation');
    return pkt.kind === 'data' ? pktText(pkt.payload) : null;
  }

  async answer(): Promise<Answer> {
    const head: string[] = [];
    const data: Buffer[] = [];
    let hasData = false;
    for (;;) {
      const { done, value: pkt } = await this.#pkts.next();
      if (done) throw new Error('the hub has ended the conversation');
      if (pkt.kind === 'flush') break;
      if (pkt.kind === 'delim') hasData = true;
      else if (pkt.kind === 'data' && hasData) data.push(pkt.payload);
      else if (pkt.kind === 'data') head.push(pktText(pkt.payload));
    }
    const all = Buffer.concat(data);
    const status = Number(/^status (\d{3})$/.exec(head.shift() ?? '')?.[1]);
    return { status, args: head, data: hasData ? all : null, text: pktText(all) };
  }

  /** Cuts the connection. */
  [Symbol.dispose](): void {
    this.#client.destroy();
  }
}

function textPkt(line: string): Buffer {
  return encodePkt(`${line}\n`);
}

/** The command that opens the conversation. */
export function transferCommand({ type, namespace, name }: RepoRef, operation: LfsOperation): string {
  return `git-lfs-transfer '/${webPrefix(type)}${namespace}/${name}.git' ${operation}`;
}

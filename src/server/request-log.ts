import type { FastifyBaseLogger } from 'fastify';
import type { Bindings, LogFn, Logger } from 'pino';

type Level = 'trace' | 'debug' | 'info' | 'warn' | 'error' | 'fatal';
type Line = Parameters<LogFn>;

/**
 * The log of one request, whose lines carry its id. The child of the hub's log is made when there is something to write: looking for
 * secrets in its bindings costs as much as a look-up, and reads that went well write nothing.
 */
export class RequestLog implements FastifyBaseLogger {
  readonly #hubLog: Logger;
  readonly #bindings: Bindings;
  #child: Logger | undefined;

  constructor(hubLog: Logger, bindings: Bindings) {
    this.#hubLog = hubLog;
    this.#bindings = bindings;
  }

  get level(): string {
    return this.#hubLog.level;
  }

  trace(...line: Line): void {
    this.write('trace', line);
  }

  debug(...line: Line): void {
    this.write('debug', line);
  }

  info(...line: Line): void {
    this.write('info', line);
  }

  warn(...line: Line): void {
    this.write('warn', line);
  }

  error(...line: Line): void {
    this.write('error', line);
  }

  fatal(...line: Line): void {
    this.write('fatal', line);
  }

  silent(): void {}

  child(...of: Parameters<FastifyBaseLogger['child']>): FastifyBaseLogger {
    return this.made().child(...of);
  }

  private write(level: Level, line: Line): void {
    if (this.#hubLog.isLevelEnabled(level)) this.made()[level](...line);
  }

  private made(): Logger {
    return (this.#child ??= this.#hubLog.child(this.#bindings));
  }
}

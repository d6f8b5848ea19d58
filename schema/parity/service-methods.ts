import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

/** A public method of a service that requests get. */
export interface ServiceMethod {
  /** Key in `Services`, such as `repos`. */
  readonly service: string;
  readonly method: string;
  /** Path of the service's file from the project's root. */
  readonly file: string;
}

const REGISTRY = 'src/server/services.ts';
const IMPORT = /^import \{ (\w+) \} from '\.\.\/(domain\/[\w/.-]+\.service\.ts)';$/gm;
const SERVICE = /^ {2}get (\w+)\(\) \{\s+return new (\w+)\(this\.#deps/gm;
/** A method as the formatter writes it; what is private says so. */
const METHOD = /^ {2}(?:async )?\*?([a-z]\w*)(?:<[^>]*>)?\(/gm;

/** Every public method of every service, in the order in which the services are made. @param root the project's folder. */
export async function listServiceMethods(root: string): Promise<readonly ServiceMethod[]> {
  const registry = await readFile(join(root, REGISTRY), 'utf8');
  const files = new Map([...registry.matchAll(IMPORT)].map(([, name, path]) => [name!, `src/${path}`]));
  const methods: ServiceMethod[] = [];
  for (const [, service, className] of registry.matchAll(SERVICE)) {
    const file = files.get(className!);
    if (!file) throw new Error(`${REGISTRY} makes ${className} and does not import it on a line of its own.`);
    for (const method of await methodsIn(join(root, file), className!)) {
      methods.push({ service: service!, method, file });
    }
  }
  return methods;
}

async function methodsIn(path: string, className: string): Promise<readonly string[]> {
  const source = await readFile(path, 'utf8');
  const [, body = ''] =
    new RegExp(`^export class ${className} [^]*?\\{\\n([^]*?)^\\}`, 'm').exec(source) ?? [];
  return [...body.matchAll(METHOD)].map(([, name]) => name!).filter((name) => name !== 'constructor');
}

import { stringify } from 'yaml';
import { PayloadTooLarge } from '../errors.ts';
import type { RepoType } from './repo.entity.ts';

/** Kinds of spaces; a static one is files only, which is what this hub can show. */
export const SPACE_SDKS = ['gradio', 'streamlit', 'docker', 'static'] as const;
export type SpaceSdk = (typeof SPACE_SDKS)[number];

/** A small file of the initial commit. */
export interface InitialFile {
  readonly path: string;
  readonly bytes: Buffer;
}

/** What the default files of a new repository depend on, as on the Hugging Face Hub. */
export interface NewRepoContent {
  readonly type: RepoType;
  readonly name: string;
  /** Null unless the type is `space`. */
  readonly sdk: SpaceSdk | null;
  /** Goes into the card. */
  readonly license: string | null;
}

/** They travel in one row of the database. */
const MAX_FILES = 50;
const MAX_FILES_BYTES = 48 * 1024;

/**
 * The files of the initial commit: the default ones, and those of the creator in their place or beside them.
 * @throws {PayloadTooLarge} when the creator brings more than a few small ones.
 */
export function initialFiles(content: NewRepoContent, own: readonly InitialFile[]): readonly InitialFile[] {
  const ownBytes = own.reduce((sum, { bytes }) => sum + bytes.length, 0);
  if (own.length > MAX_FILES || ownBytes > MAX_FILES_BYTES) {
    throw new PayloadTooLarge(
      `A new repository may hold ${MAX_FILES} files of ${MAX_FILES_BYTES} bytes together. Commit more when it is there.`,
    );
  }
  return [...new Map([...defaultFiles(content), ...own].map((entry) => [entry.path, entry])).values()];
}

function defaultFiles({ type, name, sdk, license }: NewRepoContent): readonly InitialFile[] {
  const files = [file('.gitattributes', gitAttributes(type))];
  if (sdk !== null) files.push(file('README.md', spaceReadme(name, { sdk, license })));
  else if (license !== null) files.push(file('README.md', `---\n${stringify({ license })}---\n`));
  if (sdk === 'static') files.push(file('index.html', INDEX_HTML), file('style.css', STYLE_CSS));
  return files;
}

function file(path: string, text: string): InitialFile {
  return { path, bytes: Buffer.from(text) };
}

const LFS = 'filter=lfs diff=lfs merge=lfs -text';

const LFS_PATTERNS = [
  '*.7z',
  '*.arrow',
  '*.bin',
  '*.bz2',
  '*.ckpt',
  '*.ftz',
  '*.gz',
  '*.h5',
  '*.joblib',
  '*.lfs.*',
  '*.mlmodel',
  '*.model',
  '*.msgpack',
  '*.npy',
  '*.npz',
  '*.onnx',
  '*.ot',
  '*.parquet',
  '*.pb',
  '*.pickle',
  '*.pkl',
  '*.pt',
  '*.pth',
  '*.rar',
  '*.safetensors',
  'saved_model/**/*',
  '*.tar.*',
  '*.tar',
  '*.tflite',
  '*.tgz',
  '*.wasm',
  '*.xz',
  '*.zip',
  '*.zst',
  '*tfevents*',
];

const DATASET_SECTIONS: readonly (readonly [title: string, patterns: readonly string[]])[] = [
  ['Other data', ['*.lz4', '*.mds']],
  ['Audio files - uncompressed', ['*.pcm', '*.sam', '*.raw']],
  ['Audio files - compressed', ['*.aac', '*.flac', '*.mp3', '*.ogg', '*.wav']],
  ['Image files - uncompressed', ['*.bmp', '*.gif', '*.png', '*.tiff']],
  ['Image files - compressed', ['*.jpg', '*.jpeg', '*.webp']],
  ['Video files - compressed', ['*.mp4', '*.webm']],
];

function gitAttributes(type: RepoType): string {
  const lines = LFS_PATTERNS.map(lfsLine);
  if (type === 'dataset') {
    for (const [title, patterns] of DATASET_SECTIONS) lines.push(`# ${title}`, ...patterns.map(lfsLine));
  }
  return `${lines.join('\n')}\n`;
}

function lfsLine(pattern: string): string {
  return `${pattern} ${LFS}`;
}

function spaceReadme(name: string, { sdk, license }: Pick<NewRepoContent, 'sdk' | 'license'>): string {
  const look = { title: name, colorFrom: 'blue', colorTo: 'indigo', sdk, pinned: false };
  const card = stringify(license === null ? look : { ...look, license });
  return `---\n${card}---\n\n# ${name}\n`;
}

const INDEX_HTML = `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8" />
    <meta name="viewport" content="width=device-width" />
    <title>My static Space</title>
    <link rel="stylesheet" href="style.css" />
  </head>
  <body>
    <main class="card">
      <h1>Welcome to your static Space!</h1>
      <p>You can change this page by editing <code>index.html</code> in the <em>Files</em> tab.</p>
    </main>
  </body>
</html>
`;

const STYLE_CSS = `body {
  padding: 2rem;
  font-family: system-ui, sans-serif;
}

.card {
  max-width: 620px;
  margin: 0 auto;
  padding: 1rem;
  border: 1px solid lightgray;
  border-radius: 1rem;
}
`;

import { createHash } from 'node:crypto';
import type { default as Sharp, SharpOptions } from 'sharp';
import { BadRequest, Unavailable } from '../errors.ts';

/** The longest file that is looked at. */
export const MAX_AVATAR_BYTES = 10_000_000;
/** Width and height of a stored picture at most. Smaller ones stay as they are. */
const MAX_SIDE_PX = 1024;
const JPEG_QUALITY = 95;
/** A photograph of 50 megapixels; beyond it a small file can fill the memory. */
const MAX_PIXELS = 50_000_000;
const MAX_SECONDS = 10;
/** Pictures that wait for their turn; each holds its file. */
const MAX_WAITING = 8;

/** What libvips may read. Its other formats (SVG, TIFF, PDF …) are blocked before they see a byte. */
const LOADERS = ['Jpeg', 'Png', 'Webp', 'Nsgif'].map((format) => `VipsForeignLoad${format}Buffer`);
/** What `metadata` calls them. */
const FORMATS = new Set(['jpeg', 'png', 'webp', 'gif']);

const DEFAULT_CELLS = 5;
const DEFAULT_CELL_PX = 70;
const DEFAULT_MARGIN_PX = 35;

/**
 * Turns uploaded files into pictures of accounts (specification: avatar management): upright as their EXIF says, cut to the
 * square in the middle, at most 1024 pixels wide, JPEG, with no metadata left (cameras write where they were).
 * One at a time, so that pictures never need more memory than one of them. libvips is loaded with the first.
 */
export class AvatarRenderer {
  #sharp: Promise<typeof Sharp> | null = null;
  #last: Promise<unknown> = Promise.resolve();
  #waiting = 0;

  /** @returns JPEG. @throws {BadRequest} no picture of a known format, too many pixels. @throws {Unavailable} too many at once. */
  async render(file: Buffer): Promise<Buffer> {
    return this.inTurn(async (sharp) => {
      try {
        const side = await squareSide(sharp, file);
        return await sharp(file, { ...options(), autoOrient: true })
          .resize({ width: side, height: side, fit: 'cover', position: 'centre' })
          .flatten({ background: '#ffffff' })
          .jpeg({ quality: JPEG_QUALITY, progressive: true })
          .timeout({ seconds: MAX_SECONDS })
          .toBuffer();
      } catch (error) {
        if (error instanceof BadRequest) throw error;
        throw new BadRequest(
          'file: the picture is damaged, or takes too long to read.',
          {},
          { cause: error },
        );
      }
    });
  }

  /** The picture of an account that has none: a pattern in a colour, both from its name. JPEG. */
  async renderDefault(name: string): Promise<Buffer> {
    return this.inTurn(async (sharp) => {
      const { pixels, cells } = pattern(name);
      const inner = await sharp(pixels, { raw: { width: cells, height: cells, channels: 3 } })
        .resize(cells * DEFAULT_CELL_PX, cells * DEFAULT_CELL_PX, { kernel: 'nearest' })
        .extend({
          top: DEFAULT_MARGIN_PX,
          bottom: DEFAULT_MARGIN_PX,
          left: DEFAULT_MARGIN_PX,
          right: DEFAULT_MARGIN_PX,
          background: BACKGROUND,
        })
        .jpeg({ quality: JPEG_QUALITY })
        .toBuffer();
      return inner;
    });
  }

  private async inTurn<T>(work: (sharp: typeof Sharp) => Promise<T>): Promise<T> {
    if (this.#waiting >= MAX_WAITING) {
      throw new Unavailable('Too many pictures are being made. Try again.', { retryAfterSeconds: 5 });
    }
    this.#waiting += 1;
    const turn = this.#last.then(async () => work(await this.load()));
    this.#last = turn.catch(() => {});
    try {
      return await turn;
    } finally {
      this.#waiting -= 1;
    }
  }

  private load(): Promise<typeof Sharp> {
    this.#sharp ??= import('sharp').then(({ default: sharp }) => {
      sharp.cache(false);
      sharp.concurrency(1);
      sharp.block({ operation: ['VipsForeignLoad'] });
      sharp.unblock({ operation: LOADERS });
      return sharp;
    });
    return this.#sharp;
  }
}

function options(): SharpOptions {
  return { limitInputPixels: MAX_PIXELS, failOn: 'error', pages: 1 };
}

/** @throws {BadRequest} */
async function squareSide(sharp: typeof Sharp, file: Buffer): Promise<number> {
  const metadata = await sharp(file, options())
    .metadata()
    .catch((error: Error) => {
      throw new BadRequest(
        'file: must be a JPEG, PNG, WebP or GIF picture of at most 50 megapixels.',
        {},
        { cause: error },
      );
    });
  if (!FORMATS.has(metadata.format)) throw new BadRequest('file: must be a JPEG, PNG, WebP or GIF picture.');
  return Math.min(metadata.width, metadata.pageHeight ?? metadata.height, MAX_SIDE_PX);
}

const BACKGROUND = { r: 240, g: 240, b: 240 };

/** A grid of cells that is the same from left and right, as raw RGB. */
function pattern(name: string): { pixels: Buffer; cells: number } {
  const hash = createHash('sha256').update(name).digest();
  const colour = hueColour((hash.readUInt16BE(0) / 0x1_0000) * 360);
  const pixels = Buffer.alloc(DEFAULT_CELLS * DEFAULT_CELLS * 3);
  for (let y = 0; y < DEFAULT_CELLS; y++) {
    for (let x = 0; x < DEFAULT_CELLS; x++) {
      const column = Math.min(x, DEFAULT_CELLS - 1 - x);
      const isSet = hash[2 + y * DEFAULT_CELLS + column]! % 2 === 0;
      const { r, g, b } = isSet ? colour : BACKGROUND;
      pixels.set([r, g, b], (y * DEFAULT_CELLS + x) * 3);
    }
  }
  return { pixels, cells: DEFAULT_CELLS };
}

/** A colour of this hue that white and grey stand out from. */
function hueColour(degrees: number): typeof BACKGROUND {
  const channel = (offset: number): number => {
    const k = (offset + degrees / 30) % 12;
    return Math.round(255 * (0.5 - 0.25 * Math.max(-1, Math.min(k - 3, 9 - k, 1))));
  };
  return { r: channel(0), g: channel(8), b: channel(4) };
}

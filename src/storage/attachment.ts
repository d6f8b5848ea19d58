import { create } from 'content-disposition';

/** A `Content-Disposition` header (RFC 6266) that saves the download under this name, whatever it contains. */
export function attachment(filename: string): string {
  return create(filename.toWellFormed());
}

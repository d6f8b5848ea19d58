import { isIPv6 } from 'node:net';

/** Where a request came from, as far as it is known. */
export interface Client {
  readonly address: string | undefined;
  readonly userAgent: string | undefined;
}

const PREFIX_GROUPS = 4;

/**
 * What attempts are counted by: an IPv4 address, or the /64 network of an IPv6 address, because one home or one server
 * owns all addresses of a /64. `unknown` when the caller has no address.
 */
export function addressKey(address: string | undefined): string {
  if (!address) return 'unknown';
  const plain = address.replace(/%.*$/, '').toLowerCase();
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/.exec(plain);
  if (mapped?.[1]) return mapped[1];
  return isIPv6(plain) ? `${firstGroups(plain).join(':')}::/64` : plain;
}

function firstGroups(address: string): string[] {
  const [head = '', tail] = address.split('::', 2);
  const groups = head === '' ? [] : head.split(':');
  // What "::" leaves out are zeros; a tail that reaches into the first half cannot have more than it shows.
  const tailGroups = tail ? tail.split(':').length + (tail.includes('.') ? 1 : 0) : 0;
  const zeros = tail === undefined ? 0 : 8 - groups.length - tailGroups;
  const all = [...groups, ...Array.from({ length: zeros }, () => '0'), ...(tail ? tail.split(':') : [])];
  return all.slice(0, PREFIX_GROUPS).map((group) => group.replace(/^0+(?=.)/, ''));
}

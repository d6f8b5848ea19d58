import dns from 'node:dns';

// Loaded with `--import` into the processes of the S3 tests. In virtual-host style every bucket has a host name of its
// own, here one below `s3.test`, which no name server knows: this is the one that does. `s3.test` itself stays unknown,
// so a request in path style fails.
const isBucketHost = (name: string): boolean => name.endsWith('.s3.test');

Object.assign(dns, {
  lookup: new Proxy(dns.lookup, {
    apply: (lookup, self, [name, ...rest]: [string, ...unknown[]]) =>
      Reflect.apply(lookup, self, [isBucketHost(name) ? '127.0.0.1' : name, ...rest]),
  }),
});

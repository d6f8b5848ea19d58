import type { FastifyInstance } from 'fastify';
import fp from 'fastify-plugin';
import type { Config } from '../config.ts';

/**
 * Warns once that a proxy hides its clients. Until it is trusted they all share its address, and with it the limits of
 * logins and registrations. Anybody can send the header, so the sentence does not say that the sender is the proxy.
 */
export const proxyWarning = fp(
  async (app: FastifyInstance, { trustProxy }: Pick<Config, 'trustProxy'>) => {
    if (trustProxy !== false) return;
    let isSaid = false;
    app.addHook('onRequest', async (request) => {
      if (isSaid || request.headers['x-forwarded-for'] === undefined) return;
      isSaid = true;
      request.log.warn(
        `A request from ${request.ip} carries X-Forwarded-For, which does not count. If that is your proxy, set ` +
          'KOHAKU_HUB_TRUST_PROXY to its address: until then the limits of logins and registrations see all its ' +
          'clients as one.',
      );
    });
  },
  { name: 'proxy-warning' },
);

import { builder } from '../builder.ts';

/** The answer to everybody who asks for a mail, whether or not the address is known. */
export const MailPayload = builder
  .objectRef<{ readonly message: string }>('MailPayload')
  .implement({ fields: (t) => ({ message: t.exposeString('message') }) });

import { SshDoor, type SshDoorOptions } from '../../facade/ssh/ssh-door.ts';
import type { Hub } from './hub.ts';

/**
 * Listens for SSH, unless it is switched off: then null.
 * @throws {StartError} with a sentence that says what to do.
 */
export async function openSsh(
  hub: Hub,
  limits: NonNullable<SshDoorOptions['limits']> = {},
): Promise<SshDoor | null> {
  const { ssh, baseUrl, dataDir, siteName } = hub.config;
  if (!ssh) return null;
  const { log } = hub;
  const services = () => hub.services();
  const door = await SshDoor.open({ config: ssh, baseUrl, dataDir, siteName, log, services, limits });
  log.info(`Listening for SSH on port ${door.port} of ${ssh.host} as ${door.url}`);
  return door;
}

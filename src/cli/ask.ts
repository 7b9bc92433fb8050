import { devUser } from '../access/dev-users.ts';
import type { Role } from '../access/roles.ts';
import { loadConfig } from '../config.ts';
import { asFailure } from './batch-client.ts';
import { CommandFailure, type CommandOption, type Invocation, textOption } from './command.ts';
import { bearerFor, signerOf } from './credentials.ts';
import { findRunningService } from './service-file.ts';

/** Asks the service; what it answers as JSON. @throws CommandFailure with what it says. */
export type Ask = (method: string, path: string, body?: object) => Promise<unknown>;

/** Which service is asked. */
export const SERVICE_OPTIONS = {
  url: { type: 'string', value: 'URL', help: 'address of the service' },
  data: { type: 'string', value: 'DIR', help: 'data folder of the running service (default: data)' },
} as const satisfies Record<string, CommandOption>;

/**
 * Asks the service of --url, else the one running on the data folder, with CORRIDOR_TOKEN, or as that user of the
 * development issuer who has this role.
 */
export async function askerOf({ values, env }: Invocation, role: Role): Promise<Ask> {
  const { dataDir } = loadConfig(env, { data: values.data });
  const running = await findRunningService(dataDir);
  const url = textOption(values, 'url') ?? running?.http;
  if (url === undefined) throw new CommandFailure(`no service runs on ${dataDir}: start one, or give --url`);
  const signer = running === null || running.http !== url ? null : await signerOf(dataDir, running);
  const headers = await bearerFor(signer, env, devUser(role))();
  return async (method, path, body) => {
    const answer = await fetch(new URL(path, url), {
      method,
      headers: { ...headers, ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    }).catch((error: unknown) => {
      throw asFailure(error, url);
    });
    const answered = (await answer.json()) as { detail?: string; faults?: { pointer: string; message: string }[] };
    if (answer.ok) return answered;
    const faults = (answered.faults ?? []).map(({ pointer, message }) => `; ${pointer} ${message}`).join('');
    throw new CommandFailure(`${url} answered ${answer.status}: ${answered.detail ?? ''}${faults}`);
  };
}

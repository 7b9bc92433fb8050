import { devUser } from '../access/dev-users.ts';
import { isRole, ROLES, type Role } from '../access/roles.ts';
import { loadConfig } from '../config.ts';
import { DEV_TOKEN_HOURS, TOKEN_LIFETIME_MAX_MS } from '../limits.ts';
import {
  type Command,
  CommandFailure,
  EXIT_DONE,
  integerOption,
  noArguments,
  type OptionValues,
  textOption,
  UsageError,
} from './command.ts';
import { signerOf } from './credentials.ts';
import { findRunningService } from './service-file.ts';

const HOUR_MS = 3_600_000;
const HOURS_MAX = TOKEN_LIFETIME_MAX_MS / HOUR_MS;

export const tokenCommand: Command = {
  name: 'token',
  usage: '--role ROLE [--office CODE] [--subject ID] [--party ID] [--hours N] [--data DIR]',
  description: `Prints an access token of the development issuer, for the service that runs on the data folder: for
CORRIDOR_TOKEN, or to send as Authorization: Bearer. Not for production: a service with an identity provider
(CORRIDOR_OIDC_ISSUER) does not take it.`,
  options: {
    role: { type: 'string', value: 'ROLE', help: ROLES.join(', ') },
    office: { type: 'string', value: 'CODE', help: "customs office, * for all (default: as the role's user has it)" },
    subject: { type: 'string', value: 'ID', help: 'whom it names (default: dev-ROLE)' },
    party: { type: 'string', value: 'ID', help: 'BIN or IIN that a trader acts for, or a machine submits for' },
    hours: {
      type: 'string',
      value: 'N',
      help: `how long it is good, up to ${HOURS_MAX} (default: ${DEV_TOKEN_HOURS})`,
    },
    data: { type: 'string', value: 'DIR', help: 'data folder of the running service (default: data)' },
  },
  async run({ values, positionals, env, terminal }) {
    noArguments(positionals);
    const role = textOption(values, 'role');
    if (!isRole(role)) throw new UsageError(`--role: must be one of ${ROLES.join(', ')}`);
    const hours = integerOption(values, 'hours', 1, HOURS_MAX) ?? DEV_TOKEN_HOURS;
    const { dataDir } = loadConfig(env, { data: values.data });
    const running = await findRunningService(dataDir);
    if (running === null) throw new CommandFailure(`no service runs on ${dataDir}`);
    const signer = await signerOf(dataDir, running);
    if (signer === null) throw new CommandFailure(`the service on ${dataDir} has no development issuer`);
    await terminal.data(`${await signer.sign(userOf(role, values), hours * HOUR_MS)}\n`);
    return EXIT_DONE;
  },
};

function userOf(role: Role, values: OptionValues) {
  const user = devUser(role);
  const [office, party] = [textOption(values, 'office'), textOption(values, 'party')];
  const isMachine = role === 'ingest';
  if (party !== undefined && !isMachine && user.party === null) {
    throw new UsageError(`--party: a ${role} acts for no party`);
  }
  return {
    ...user,
    subject: textOption(values, 'subject') ?? user.subject,
    ...(office === undefined ? {} : { offices: [office] }),
    ...(party === undefined ? {} : isMachine ? { submitters: [party] } : { party }),
  };
}

import { readFileSync } from 'node:fs';
import { nkeys } from 'nats';
import { ensureKeyFile } from '../key-file.ts';
import { BROKER_PAYLOAD_BYTES_MAX } from '../limits.ts';
import { seedFile } from './login.ts';
import { BROKER_ROLES, type BrokerRole, permissionsOf } from './permissions.ts';

/** What a user of the broker shows: the public key of its nkey, or a name. */
export type BrokerUsers = Readonly<Record<BrokerRole, string>>;

/** The public keys of all roles; makes the seeds that are missing, for their owner alone. */
export function ensureBrokerKeys(keysDir: string): BrokerUsers {
  return usersOf((role) => publicKeyOf(seedFile(keysDir, role)));
}

function publicKeyOf(file: string): string {
  ensureKeyFile(file, () => Buffer.from(nkeys.createUser().getSeed()).toString());
  try {
    return nkeys.fromSeed(Buffer.from(readFileSync(file, 'utf8').trim())).getPublicKey();
  } catch (cause) {
    throw new Error(`${file}: not the seed of an nkey`, { cause });
  }
}

/** The block of a NATS server's configuration that lets these users in, each with what its role may do. */
export function brokerConfig(users: BrokerUsers): string {
  return authorization(BROKER_ROLES.map((role) => userBlock(`nkey: ${users[role]}`, role)));
}

/** The same for users with passwords, which the server takes from its environment: `$CORRIDOR_INGRESS_PASSWORD`. */
export function passwordConfig(): string {
  const login = (role: BrokerRole) => `user: ${role}, password: $CORRIDOR_${role.toUpperCase()}_PASSWORD`;
  return authorization(BROKER_ROLES.map((role) => userBlock(login(role), role)));
}

/** The same for users that their certificates name (`verify_and_map`), `CN=ingress`. */
export function certificateConfig(): string {
  return authorization(BROKER_ROLES.map((role) => userBlock(`user: "CN=${role}"`, role)));
}

function authorization(users: readonly string[]): string {
  // The sources of a policy with long lists are more than the server's own default takes.
  return `max_payload: ${BROKER_PAYLOAD_BYTES_MAX}\nauthorization {\n  users = [\n${users.join('')}  ]\n}\n`;
}

function userBlock(login: string, role: BrokerRole): string {
  const { publish, subscribe } = permissionsOf(role);
  const list = (subjects: readonly string[]) => subjects.map((subject) => `          "${subject}"\n`).join('');
  return `    {
      # ${role}
      ${login}
      permissions {
        publish { allow = [
${list(publish)}        ] }
        subscribe { allow = [
${list(subscribe)}        ] }
      }
    }
`;
}

function usersOf(each: (role: BrokerRole) => string): BrokerUsers {
  return Object.fromEntries(BROKER_ROLES.map((role) => [role, each(role)])) as unknown as BrokerUsers;
}

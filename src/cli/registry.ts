import type { Command } from './command.ts';

interface RegistryEntry {
  readonly name: string;
  readonly summary: string;
  /** Loaded when asked for: `corridor version` must not wait for the service's packages. */
  load(): Promise<Command>;
}

/** Every command of `corridor`, in the order of the overview. */
export const COMMANDS: readonly RegistryEntry[] = [
  {
    name: 'start',
    summary: 'run the service',
    load: async () => (await import('./start.ts')).startCommand,
  },
  {
    name: 'demo',
    summary: 'decide generated declarations and show what comes of it',
    load: async () => (await import('./demo.ts')).demoCommand,
  },
  {
    name: 'generate',
    summary: 'print believable declarations',
    load: async () => (await import('./generate.ts')).generateCommand,
  },
  {
    name: 'decide',
    summary: 'decide the declarations of files',
    load: async () => (await import('./decide.ts')).decideCommand,
  },
  {
    name: 'profiles',
    summary: 'check or list the profiles of a policy',
    load: async () => (await import('./profiles.ts')).profilesCommand,
  },
  {
    name: 'policy',
    summary: 'versions of the policy that decides, and drafts from a folder',
    load: async () => (await import('./policy.ts')).policyCommand,
  },
  {
    name: 'import',
    summary: 'categories of participants from a file',
    load: async () => (await import('./import.ts')).importCommand,
  },
  {
    name: 'token',
    summary: 'sign a token for development',
    load: async () => (await import('./token.ts')).tokenCommand,
  },
  {
    name: 'rebuild',
    summary: 'make the read models anew',
    load: async () => (await import('./rebuild.ts')).rebuildCommand,
  },
  {
    name: 'replay',
    summary: 'decide again what was decided, and compare',
    load: async () => (await import('./replay.ts')).replayCommand,
  },
  {
    name: 'ledger',
    summary: 'archive, prune or back up the ledger',
    load: async () => (await import('./ledger.ts')).ledgerCommand,
  },
  {
    name: 'streams',
    summary: 'what the streams hold, and who still needs it',
    load: async () => (await import('./streams.ts')).streamsCommand,
  },
  {
    name: 'broker-config',
    summary: 'users and permissions for a NATS server of your own',
    load: async () => (await import('./broker-config.ts')).brokerConfigCommand,
  },
  {
    name: 'keys',
    summary: 'create, list or revoke API keys',
    load: async () => (await import('./keys.ts')).keysCommand,
  },
  {
    name: 'verify',
    summary: 'check the ledger from end to end',
    load: async () => (await import('./verify.ts')).verifyCommand,
  },
  {
    name: 'version',
    summary: 'print the version',
    load: async () => (await import('./version.ts')).versionCommand,
  },
];

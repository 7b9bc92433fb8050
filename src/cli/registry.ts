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
    name: 'version',
    summary: 'print the version',
    load: async () => (await import('./version.ts')).versionCommand,
  },
];

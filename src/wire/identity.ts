/** Who submitted what, and which version of it: the identity of a declaration. There is one decision per identity. */
export interface Identity {
  readonly submitter: string;
  readonly id: string;
  readonly version: number;
}

/** One string per identity; the parts cannot contain a newline. */
export function identityKey({ submitter, id, version }: Identity): string {
  return `${submitter}\n${id}\n${version}`;
}

/** What a submitter may be called: a party's number, or the name of a system. */
export const SUBMITTER_PATTERN = /^[A-Za-z0-9._-]{1,64}$/;

/** A place in a stream. */
export interface StreamPosition {
  /** When the stream was created (ISO 8601): another value is another stream of the same name. */
  readonly created: string;
  /** Of the last message taken in. */
  readonly sequence: number;
  /** When the broker stored that message, where it is known: tells a stream that was rolled back and has grown again. */
  readonly storedAt?: string | undefined;
}

/** A position as a ledger keeps it: the entries of later commits came from behind it. */
export interface KeptPosition extends StreamPosition {
  readonly commit: number;
}

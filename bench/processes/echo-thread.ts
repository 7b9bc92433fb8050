import { move } from 'piscina';

/** A thread that gives back what it gets: what the way there and back costs by itself. */
export default function echo(bytes: Uint8Array): unknown {
  return move(bytes);
}

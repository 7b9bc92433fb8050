import type { JSX } from 'preact';
import type { Corridor, Outcome } from '../api.ts';
import { useWords } from '../context.ts';

export type Standing = Corridor | Outcome | 'unknown';

const SHAPES: Record<string, JSX.Element> = {
  circle: <circle cx="8" cy="8" r="6.5" />,
  diamond: <path d="M8 .8 15.2 8 8 15.2.8 8z" />,
  triangle: <path d="M8 1.2 15.6 14.6H.4z" />,
  square: <path d="M1.5 1.5h13v13h-13z" />,
  ring: <circle cx="8" cy="8" r="5.5" class="hollow" />,
  cross: <path d="M3 3l10 10M13 3 3 13" class="hollow" />,
};

/** Shape and colour of each standing. A trader's outcomes look like the corridors they stand for; blue is released like green. */
const LOOKS: Record<Standing, readonly [shape: string, colour: string]> = {
  green: ['circle', 'green'],
  blue: ['diamond', 'blue'],
  yellow: ['triangle', 'yellow'],
  red: ['square', 'red'],
  released: ['circle', 'green'],
  documents: ['triangle', 'yellow'],
  inspection: ['square', 'red'],
  pending: ['ring', 'quiet'],
  withdrawn: ['cross', 'quiet'],
  unknown: ['ring', 'quiet'],
};

/** The shape alone; the word stands beside it. */
export function Shape({ of }: { of: Standing }) {
  const [shape, colour] = LOOKS[of];
  return (
    <svg class={`shape ${colour}`} viewBox="0 0 16 16" aria-hidden="true" focusable="false">
      {SHAPES[shape]}
    </svg>
  );
}

/** Where goods stand, the same everywhere: shape, word and colour. */
export function Mark({ of }: { of: Standing }) {
  const words = useWords();
  return (
    <span class="mark">
      <Shape of={of} /> {words.ofCode('standing', of)}
    </span>
  );
}

/** What the service calls a standing, if the console knows it. */
export function standingOf(corridor: string | null | undefined, outcome: string): Standing {
  const known = [corridor ?? '', outcome].find((name) => Object.hasOwn(LOOKS, name));
  return (known as Standing | undefined) ?? 'unknown';
}

export function lookOf(standing: Standing): string {
  return LOOKS[standing][1];
}

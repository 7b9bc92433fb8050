import type { JSX } from 'preact';
import { useWords } from '../context.ts';
import type { DraftState } from '../rules-api.ts';

const SHAPES: Readonly<Record<DraftState, JSX.Element>> = {
  draft: <circle cx="8" cy="8" r="6" />,
  in_review: <path d="M8 2v12M2 8h12" />,
  approved: <path d="M2 9l4 4 8-10" />,
  scheduled: <path d="M8 2a6 6 0 1 0 .01 0zM8 4v4h3" />,
  active: <circle cx="8" cy="8" r="6" class="full" />,
  rejected: <path d="M3 3l10 10M13 3 3 13" />,
  withdrawn: <path d="M13 8H3l4-4M3 8l4 4" />,
  retired: <path d="M2 2h12v12H2z" />,
};

/** Where a draft stands: shape and word. */
export function DraftStateMark({ of }: { of: DraftState }) {
  const words = useWords();
  return (
    <span class="state-tag">
      <svg viewBox="0 0 16 16" aria-hidden="true" focusable="false">
        {SHAPES[of]}
      </svg>
      {words.ofCode('draftState', of)}
    </span>
  );
}

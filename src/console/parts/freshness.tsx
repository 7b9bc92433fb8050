import { useWords } from '../context.ts';
import type { Live } from '../live.ts';
import { secondsBetween, useNow } from './clock.ts';

/** How old what is shown is; of a broken stream, when it is tried again. Changes of state are read out, seconds are not. */
export function LiveFreshness({ live, retry }: { live: Omit<Live<unknown>, 'value'>; retry: () => void }) {
  const words = useWords();
  const { state, freshAt, retryAt } = live;
  return (
    <div class={`freshness ${state}`}>
      <span role="status">{words.text(`live.${state}`)}</span>
      {freshAt !== null && <Age at={freshAt} />}
      {state === 'broken' && (
        <>
          {retryAt !== null && <Until at={retryAt} />}
          <button type="button" class="small" onClick={retry}>
            {words.text('live.retryNow')}
          </button>
        </>
      )}
    </div>
  );
}

/** How old a list is, and a way to have it anew. */
export function Freshness({
  freshAt,
  loading,
  reload,
}: {
  freshAt: number | null;
  loading: boolean;
  reload: () => void;
}) {
  const words = useWords();
  return (
    <div class="freshness">
      {freshAt !== null && <Age at={freshAt} />}
      <button type="button" class="small" onClick={reload} aria-busy={loading}>
        {words.text('state.reload')}
      </button>
    </div>
  );
}

function Age({ at }: { at: number }) {
  const words = useWords();
  const seconds = secondsBetween(at, useNow());
  return <span class="quiet">{words.text('live.fresh', { seconds })}</span>;
}

function Until({ at }: { at: number }) {
  const words = useWords();
  const seconds = secondsBetween(useNow(), at);
  return <span class="quiet">{words.text('live.retryIn', { seconds })}</span>;
}

import { useCallback, useEffect, useState } from 'preact/hooks';
import { ClientError } from './client.ts';
import { useApp } from './context.ts';

/** Something asked of the service: under way, there, or why not. A value stays while it is asked for again. */
export interface Resource<T> {
  readonly value: T | null;
  readonly error: ClientError | null;
  /** When the value came, in epoch milliseconds. */
  readonly freshAt: number | null;
  readonly loading: boolean;
  reload(): void;
}

type State<T> = Omit<Resource<T>, 'reload'>;

const NOTHING = { value: null, error: null, freshAt: null, loading: true };

/** Asks whenever `key`, which stands for what `load` closes over, changes, and when told to; what is no longer wanted is given up. */
export function useResource<T>(key: string, load: (signal: AbortSignal) => Promise<T>): Resource<T> {
  const [state, setState] = useState<State<T>>(NOTHING);
  const [round, setRound] = useState(0);
  const { refreshSession } = useApp();
  useEffect(() => setState(NOTHING), [key]);
  useEffect(() => {
    const controller = new AbortController();
    setState((before) => ({ ...before, loading: true }));
    load(controller.signal).then(
      (value) => setState({ value, error: null, freshAt: Date.now(), loading: false }),
      (error: unknown) => {
        if (controller.signal.aborted) return;
        setState((before) => ({ ...before, error: asClientError(error), loading: false }));
        if (asClientError(error).kind === 'signed_out') void refreshSession();
      },
    );
    return () => controller.abort();
  }, [key, round]);
  const reload = useCallback(() => setRound((before) => before + 1), []);
  return { ...state, reload };
}

export function asClientError(error: unknown): ClientError {
  return error instanceof ClientError ? error : new ClientError('error', String(error));
}

import { useEffect, useState } from 'preact/hooks';
import type { ClientError } from './client.ts';
import { useApp } from './context.ts';
import { asClientError } from './resource.ts';

/** The stream sends an event a second: after so long without one it is broken, whatever the connection says. */
const SILENCE_MS = 6_000;
const BACKOFF_MS_MIN = 1_000;
const BACKOFF_MS_MAX = 30_000;

/**
 * A value kept up to date by server-sent events:
 *
 *   connecting ── load, then events ──> live ── silence, error ──> broken ── back-off ──> connecting
 */
export interface Live<T> {
  readonly state: 'connecting' | 'live' | 'broken';
  readonly value: T | null;
  /** Why the last attempt failed; null where the stream merely broke off. */
  readonly error: ClientError | null;
  /** Epoch milliseconds of the newest data and of the next attempt. */
  readonly freshAt: number | null;
  readonly retryAt: number | null;
}

export interface LiveSource<T> {
  /** All of it, at first and after each break. */
  load(signal: AbortSignal): Promise<T>;
  /** Address of the stream, and the name of its event. */
  readonly url: string;
  readonly event: string;
  /** The value with what an event brought. */
  merge(value: T, update: T): T;
}

class LiveStream<T> {
  private readonly source: LiveSource<T>;
  private readonly changed: (live: Live<T>) => void;
  private live: Live<T> = { state: 'connecting', value: null, error: null, freshAt: null, retryAt: null };
  private attempts = 0;
  private events: EventSource | null = null;
  private controller = new AbortController();
  private timer = 0;

  constructor(source: LiveSource<T>, changed: (live: Live<T>) => void) {
    this.source = source;
    this.changed = changed;
  }

  /** Tries at once, whatever the back-off says. */
  readonly connect = (): void => {
    this.close();
    this.set({ state: this.live.state === 'broken' ? 'broken' : 'connecting', retryAt: null });
    this.controller = new AbortController();
    const { signal } = this.controller;
    this.source.load(signal).then(
      (value) => {
        if (signal.aborted) return;
        this.set({ value, error: null, freshAt: Date.now() });
        this.listen();
      },
      (error: unknown) => {
        if (!signal.aborted) this.broke(asClientError(error));
      },
    );
  };

  close(): void {
    clearTimeout(this.timer);
    this.controller.abort();
    this.events?.close();
    this.events = null;
  }

  private listen(): void {
    const events = new EventSource(this.source.url);
    this.events = events;
    this.expectEvent();
    events.addEventListener(this.source.event, ({ data }: MessageEvent<string>) => {
      this.attempts = 0;
      this.expectEvent();
      const { value } = this.live;
      const update = JSON.parse(data) as T;
      const merged = value === null ? update : this.source.merge(value, update);
      this.set({ state: 'live', value: merged, error: null, freshAt: Date.now(), retryAt: null });
    });
    // The browser's own attempts know no back-off and give up for good at the first refusal.
    events.addEventListener('error', () => this.broke(null));
  }

  private expectEvent(): void {
    clearTimeout(this.timer);
    this.timer = window.setTimeout(() => this.broke(null), SILENCE_MS);
  }

  private broke(error: ClientError | null): void {
    this.close();
    // Between half and all of it, so that those whom one break cut off do not come back at one moment.
    const backoffMs = Math.min(BACKOFF_MS_MAX, BACKOFF_MS_MIN * 2 ** this.attempts++) * (0.5 + Math.random() / 2);
    this.set({ state: 'broken', error, retryAt: Date.now() + backoffMs });
    this.timer = window.setTimeout(this.connect, backoffMs);
  }

  private set(patch: Partial<Live<T>>): void {
    this.live = { ...this.live, ...patch };
    this.changed(this.live);
  }
}

/** Follows a source for as long as it is shown. @param source the same object every time */
export function useLive<T>(source: LiveSource<T>): Live<T> & { retry(): void } {
  const [live, setLive] = useState<Live<T>>({
    state: 'connecting',
    value: null,
    error: null,
    freshAt: null,
    retryAt: null,
  });
  const [stream, setStream] = useState<LiveStream<T> | null>(null);
  const { refreshSession } = useApp();
  useEffect(() => {
    const made = new LiveStream(source, setLive);
    setStream(made);
    made.connect();
    addEventListener('online', made.connect);
    return () => {
      removeEventListener('online', made.connect);
      made.close();
    };
  }, [source]);
  const signedOut = live.error?.kind === 'signed_out';
  useEffect(() => {
    if (signedOut) void refreshSession();
  }, [signedOut, refreshSession]);
  return { ...live, retry: () => stream?.connect() };
}

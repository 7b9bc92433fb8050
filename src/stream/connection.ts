import { connect, Events, type NatsConnection } from 'nats';
import type { TopologyOptions } from './streams.ts';

export interface ConnectOptions {
  readonly url: string;
  /** Name of this process, seen in the broker's monitoring and in the envelopes it publishes. */
  readonly name: string;
  /** Bounds and replicas of the streams, where they differ from the defaults. */
  readonly topology?: TopologyOptions;
  /** Whether to wait for a broker that is not there yet (the default), or to fail at once. */
  readonly wait?: boolean;
}

type Listener = () => void;

/** How long one request to the broker may take before it is given up or tried again. */
export const REQUEST_DEADLINE_MS = 1000;
const RECONNECT_WAIT_MS = 100;
/** A broker that is silent for two of these is as good as gone. */
const PING_INTERVAL_MS = 2000;

/**
 * The one connection of a process to the broker. It reconnects for ever; what is published while it is down waits or
 * fails in the hands of its publisher, never in a buffer of the client.
 */
export class StreamConnection {
  /** For `src/stream` only. */
  readonly nats: NatsConnection;
  readonly name: string;
  readonly topology: TopologyOptions;
  private up = true;
  private disconnects = 0;
  private readonly disconnectListeners = new Set<Listener>();
  private readonly reconnectListeners = new Set<Listener>();

  constructor(nats: NatsConnection, name: string, topology: TopologyOptions) {
    this.nats = nats;
    this.name = name;
    this.topology = topology;
    void this.follow();
  }

  /** Of the server that it is connected to. */
  serverVersion(): string {
    return this.nats.info?.version ?? 'unknown';
  }

  connected(): boolean {
    return this.up;
  }

  /** For good: it was closed, and nothing comes back. */
  closed(): boolean {
    return this.nats.isClosed();
  }

  /** Number of disconnects so far: what was received under another epoch may no longer be true. */
  epoch(): number {
    return this.disconnects;
  }

  /** Called at once when the connection is lost. Returns how to stop listening. */
  onDisconnect(listener: Listener): () => void {
    this.disconnectListeners.add(listener);
    return () => this.disconnectListeners.delete(listener);
  }

  onReconnect(listener: Listener): () => void {
    this.reconnectListeners.add(listener);
    return () => this.reconnectListeners.delete(listener);
  }

  /** Whether the broker is there within this time. */
  async ready(withinMs: number): Promise<boolean> {
    if (this.up) return true;
    if (this.nats.isClosed() || withinMs <= 0) return false;
    return new Promise((resolve) => {
      const settle = (answer: boolean): void => {
        clearTimeout(timer);
        stop();
        resolve(answer);
      };
      const timer = setTimeout(() => settle(false), withinMs);
      const stop = this.onReconnect(() => settle(true));
    });
  }

  /** Sends what is under way, then closes. */
  async close(): Promise<void> {
    if (this.nats.isClosed()) return;
    if (this.up) await this.nats.drain().catch(() => this.nats.close());
    else await this.nats.close();
    this.up = false;
  }

  private async follow(): Promise<void> {
    for await (const { type } of this.nats.status()) {
      if (type === Events.Disconnect) {
        this.up = false;
        this.disconnects++;
        for (const listener of [...this.disconnectListeners]) listener();
      } else if (type === Events.Reconnect) {
        this.up = true;
        for (const listener of [...this.reconnectListeners]) listener();
      }
    }
    this.up = false;
  }
}

/** Waits for the broker as long as it takes, the first time as well unless told otherwise. */
export async function connectStream({
  url,
  name,
  topology = {},
  wait = true,
}: ConnectOptions): Promise<StreamConnection> {
  const nats = await connect({
    servers: url,
    name,
    reconnect: true,
    maxReconnectAttempts: -1,
    reconnectTimeWait: RECONNECT_WAIT_MS,
    reconnectJitter: RECONNECT_WAIT_MS / 2,
    waitOnFirstConnect: wait,
    pingInterval: PING_INTERVAL_MS,
    maxPingOut: 2,
    timeout: 2000,
    noAsyncTraces: true,
  });
  return new StreamConnection(nats, name, topology);
}

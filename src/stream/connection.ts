import { setTimeout as delay } from 'node:timers/promises';
import { type ConnectionOptions, connect, createInbox, ErrorCode, Events, type NatsConnection, NatsError } from 'nats';
import { authentication, type Broker } from './login.ts';
import { type BrokerRole, inboxPrefixOf } from './permissions.ts';
import type { TopologyOptions } from './streams.ts';

export interface ConnectOptions extends Broker {
  /** As whom, where the broker has users: whose key it is, and where answers arrive. */
  readonly role?: BrokerRole;
  /** Name of this process, seen in the broker's monitoring and in the envelopes it publishes. */
  readonly name: string;
  /** How long to wait for the broker the first time; as long as it takes where left out. */
  readonly withinMs?: number;
  /** Bounds and replicas of the streams, where they differ from the defaults. */
  readonly topology?: TopologyOptions;
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
  private readonly inboxPrefix: string | undefined;
  private up = true;
  private disconnects = 0;
  private readonly disconnectListeners = new Set<Listener>();
  private readonly reconnectListeners = new Set<Listener>();

  constructor(nats: NatsConnection, { name, topology = {}, role }: ConnectOptions) {
    this.nats = nats;
    this.name = name;
    this.topology = topology;
    this.inboxPrefix = role === undefined ? undefined : inboxPrefixOf(role);
    void this.follow();
  }

  /** Of the server that it is connected to. */
  serverVersion(): string {
    return this.nats.info?.version ?? 'unknown';
  }

  /** A new subject for answers, where this connection may listen. */
  newInbox(): string {
    return createInbox(this.inboxPrefix);
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

/**
 * Waits for the broker, and later comes back to it, for ever.
 * @throws where a file of the login cannot be read, or the broker is not to be trusted or does not let us in, or `withinMs` is over.
 */
export async function connectStream(options: ConnectOptions): Promise<StreamConnection> {
  const { url, name, role, withinMs = Number.POSITIVE_INFINITY } = options;
  const started = Date.now();
  const settings: ConnectionOptions = {
    servers: url.split(','),
    name,
    ...authentication(options, role),
    ...(role === undefined ? {} : { inboxPrefix: inboxPrefixOf(role) }),
    reconnect: true,
    maxReconnectAttempts: -1,
    // A broker that refuses us later may be about to get its users back.
    ignoreAuthErrorAbort: true,
    reconnectTimeWait: RECONNECT_WAIT_MS,
    reconnectJitter: RECONNECT_WAIT_MS / 2,
    pingInterval: PING_INTERVAL_MS,
    maxPingOut: 2,
    timeout: 2000,
    noAsyncTraces: true,
  };
  for (;;) {
    try {
      return new StreamConnection(await connect(settings), options);
    } catch (error) {
      const late = Date.now() - started > withinMs;
      const reason = refusal(error) ?? (late ? 'the broker does not answer' : null);
      if (reason !== null) throw new Error(`${url}: ${reason}`, { cause: error });
      await delay(RECONNECT_WAIT_MS);
    }
  }
}

/** Why another attempt cannot help; null where it may. */
function refusal(error: unknown): string | null {
  const { code = '', message = '' } = error as NodeJS.ErrnoException;
  if (error instanceof NatsError && error.isAuthError()) return 'the broker does not let us in';
  if (code === ErrorCode.ServerOptionNotAvailable) return 'the broker does not speak TLS';
  if (/CERT|SSL|TLS|SIGNATURE/.test(code)) return `the broker is not to be trusted: ${message}`;
  return null;
}

import { connect, type Socket } from 'node:net';

/** Status 0: the connection was lost. */
export type OnAnswer = (status: number, body: string) => void;

const NOTHING = Buffer.alloc(0);

/**
 * One connection that carries one request at a time, as cheap as it can be: what the generator spends is taken from
 * what it measures. Reads answers with a length; others end it.
 */
export class Connection {
  private readonly socket: Socket;
  private parts: Buffer = NOTHING;
  private onAnswer: OnAnswer | null = null;
  private readonly onIdle: (connection: Connection) => void;
  private readonly onLost: (connection: Connection) => void;

  constructor(url: URL, onIdle: (connection: Connection) => void, onLost: (connection: Connection) => void) {
    this.onIdle = onIdle;
    this.onLost = onLost;
    this.socket = connect({ port: Number(url.port), host: url.hostname, noDelay: true });
    this.socket.on('data', (chunk: Buffer) => this.read(chunk));
    this.socket.on('error', () => undefined);
    this.socket.on('close', () => this.lose());
  }

  send(request: Buffer, onAnswer: OnAnswer): void {
    this.onAnswer = onAnswer;
    this.socket.write(request);
  }

  end(): void {
    this.onAnswer = null;
    this.socket.destroy();
  }

  private read(chunk: Buffer): void {
    this.parts = this.parts.length === 0 ? chunk : Buffer.concat([this.parts, chunk]);
    const head = this.parts.indexOf('\r\n\r\n');
    if (head < 0) return;
    const text = this.parts.toString('latin1', 0, head);
    const length = Number(/\r\ncontent-length: (\d+)/i.exec(text)?.[1]);
    if (Number.isNaN(length)) this.end();
    const end = head + 4 + length;
    if (!(this.parts.length >= end)) return;
    const body = this.parts.toString('latin1', head + 4, end);
    this.parts = NOTHING;
    const answer = this.onAnswer;
    this.onAnswer = null;
    answer?.(Number(text.slice(9, 12)), body);
    this.onIdle(this);
  }

  private lose(): void {
    const answer = this.onAnswer;
    this.onAnswer = null;
    answer?.(0, '');
    this.onLost(this);
  }
}

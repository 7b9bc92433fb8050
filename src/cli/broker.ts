import type { Config } from '../config.ts';
import { connectStream, type StreamConnection } from '../stream/connection.ts';
import { type Broker, loginOf, namedBroker } from '../stream/login.ts';
import type { BrokerRole } from '../stream/permissions.ts';
import { CommandFailure } from './command.ts';
import { findRunningService } from './service-file.ts';

/** A command does not wait for ever, as a service does. */
const CONNECT_WITHIN_MS = 5000;

/** The broker of the settings, else that of the service on the data folder. @throws CommandFailure where there is none. */
export async function findBroker(config: Config): Promise<Broker> {
  if (config.natsUrl !== null) return namedBroker(config);
  const running = await findRunningService(config.dataDir);
  if (running === null) throw new CommandFailure(`no service runs on ${config.dataDir}: start one, or give --nats URL`);
  const { nats, natsKeys } = running;
  return { url: nats, login: natsKeys === null ? loginOf(config) : { keysDir: natsKeys } };
}

/** @throws where the broker does not let us in, or does not answer. */
export function connectAsOperator(broker: Broker, name: string): Promise<StreamConnection> {
  return connectAs('operator', broker, name);
}

/** @throws where the broker does not let us in, or does not answer. */
export function connectAs(role: BrokerRole, broker: Broker, name: string): Promise<StreamConnection> {
  return connectStream({ ...broker, name, role, withinMs: CONNECT_WITHIN_MS });
}

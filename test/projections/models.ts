import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { createProjector, type Projector } from '../../src/projections/projector.ts';
import { type Models, openModels } from '../../src/state/models.ts';
import { closeForWriting, type ModelsStore, openForWriting, prepareModels } from '../../src/state/models-store.ts';
import type { DecisionEntry } from '../../src/wire/envelope.ts';
import { temporaryFolder } from '../helpers/folder.ts';

export interface Written {
  readonly dir: string;
  readonly store: ModelsStore;
  readonly projector: Projector;
  readonly models: Models;
  /** Applies these entries as the next message of the stream. */
  tell(...entries: DecisionEntry[]): void;
  close(): Promise<void>;
}

/** Read models in a folder of their own, with what writes and what reads them. */
export async function writtenModels(): Promise<Written> {
  const dir = join(await temporaryFolder(), 'models');
  prepareModels(dir);
  const store = openForWriting(dir);
  const models = openModels(dir);
  const projector = createProjector(store, (_, error) => {
    throw error;
  });
  let sequence = 0;
  let isOpen = true;
  const close = async (): Promise<void> => {
    if (!isOpen) return;
    isOpen = false;
    await models.close();
    await closeForWriting(dir, store);
  };
  onTestFinished(close);
  return {
    dir,
    store,
    projector,
    models,
    tell(...entries) {
      sequence += 1;
      projector.decisions([{ sequence, created: 'c', entries }]);
      models.refresh();
    },
    close,
  };
}

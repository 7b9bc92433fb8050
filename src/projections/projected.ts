/** Whether the thread of the read models lives. */
export interface Projected {
  alive: boolean;
  /** Rejects when the thread ends by itself. */
  readonly died: Promise<never>;
  onDied: () => void;
  die(error: Error): void;
}

export function projectedState(): Projected {
  let reject: (error: Error) => void = () => undefined;
  const died = new Promise<never>((_resolve, rejectIt) => {
    reject = rejectIt;
  });
  died.catch(() => undefined);
  const state: Projected = {
    alive: true,
    died,
    onDied: () => undefined,
    die(error) {
      state.alive = false;
      state.onDied();
      reject(error);
    },
  };
  return state;
}

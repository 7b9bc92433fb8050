/**
 * A write's promise, with the error that lmdb hands over apart: it rejects `commitError` without anybody to hear it,
 * which ends the process unless it is listened to here.
 */
export async function durable(written: Promise<boolean>): Promise<void> {
  try {
    await written;
  } catch (error) {
    const { commitError } = error as { commitError?: Promise<unknown> };
    const cause = await Promise.resolve(commitError).then(
      () => error,
      (reason: unknown) => reason,
    );
    throw cause instanceof Error ? cause : new Error(String(cause));
  }
}

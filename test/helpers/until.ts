/** Waits until something is true; fails after twenty-five seconds, inside the time of a test. */
export async function until(holds: () => boolean | Promise<boolean>, withinMs = 25_000): Promise<void> {
  const deadline = Date.now() + withinMs;
  while (!(await holds())) {
    if (Date.now() > deadline) throw new Error(`not true within ${withinMs} ms: ${holds}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

/**
 * A pure function of a text that remembers its results for the texts it was asked about last: of a policy that is
 * compiled again, almost everything is as it was. Results are shared: nobody may change them.
 */
export function remembered<T>(texts: number, make: (text: string) => T): (text: string) => T {
  const known = new Map<string, T>();
  return (text) => {
    const before = known.get(text);
    const result = before === undefined ? make(text) : before;
    // A map gives what was put into it first first.
    known.delete(text);
    known.set(text, result);
    if (known.size > texts) known.delete(known.keys().next().value as string);
    return result;
  };
}

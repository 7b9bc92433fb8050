/**
 * Chance without randomness. The draw of a declaration is a keyed hash computed outside the core; what a profile's
 * percentage selects is a mix of that draw and the profile's id, so that two profiles select independently and a
 * trader can foresee neither.
 */

/** FNV-1a over UTF-16 code units, 32 bits. */
function fnv1a(text: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  return hash >>> 0;
}

/** The finaliser of MurmurHash3 (Appleby, public domain): every input bit changes every output bit. */
function avalanche(input: number): number {
  let hash = input;
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}

/** A number in [0, 1) from a draw in [0, 1) and an id. */
export function mix(draw: number, id: string): number {
  const high = Math.floor(draw * 0x1_0000_0000);
  const low = Math.floor((draw * 0x1_0000_0000 - high) * 0x1_0000_0000);
  return avalanche(avalanche(high ^ fnv1a(id)) ^ low) / 0x1_0000_0000;
}

/** Whether a share of `percentage` (0 to 100) selects at this number in [0, 1). */
export function selects(percentage: number, at: number): boolean {
  return at * 100 < percentage;
}

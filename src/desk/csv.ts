import type { FastifyReply, FastifyRequest } from 'fastify';

type Cell = string | number | boolean | null;

/** Whether the answer is wanted as a file for a spreadsheet. */
export function wantsCsv({ headers }: FastifyRequest): boolean {
  return headers.accept?.includes('text/csv') === true;
}

/** RFC 4180; the first row is the head. A text that a spreadsheet would take for a formula is shown as text there. */
export function sendCsv(reply: FastifyReply, name: string, rows: Iterable<readonly Cell[]>): FastifyReply {
  const lines = Array.from(rows, (row) => `${row.map(cellOf).join(',')}\r\n`);
  const disposition = `attachment; filename="${name}.csv"`;
  return reply.type('text/csv; charset=utf-8').header('content-disposition', disposition).send(lines.join(''));
}

function cellOf(cell: Cell): string {
  if (typeof cell !== 'string') return cell === null ? '' : String(cell);
  const text = /^[=+\-@\t\r]/.test(cell) ? `'${cell}` : cell;
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

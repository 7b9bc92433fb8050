// A process that appends to a chain until it is killed: `node appender.mjs ledger|audit DIR FIRST [COUNT]`.
// Prints the number of each entry once it is kept, and the fault that ended it.
import { writeSync } from 'node:fs';
import { openAudit } from '../../dist/src/access/audit.js';
import { openLedger } from '../../dist/src/state/ledger.js';

const [kind, dir, first, count = 'Infinity'] = process.argv.slice(2);
// Where the size of files is limited, a write then fails instead of ending the process.
process.on('SIGXFSZ', () => {});
const open = kind === 'audit' ? openAudit : openLedger;
const chain = open(dir, { onFault: (error) => writeSync(1, `fault ${error.message}\n`) });
writeSync(1, 'open\n');

function entry(number) {
  const record = Buffer.alloc(2000, `record ${number} `);
  const hash = Buffer.alloc(32, number & 0xff);
  const identity = { submitter: 'local', id: `K${number}`, version: 1 };
  return { identity, outcome: 'decided', receivedAt: number, hash, record };
}

function event(number) {
  const [action, subject, target] = ['decision.read', 'somebody', `K${number}`];
  return { at: number, action, subject, roles: ['head'], target, result: 'done', detail: {}, trace: 't', count: 1 };
}

async function append(number) {
  await chain.append(kind === 'audit' ? event(number) : entry(number));
  writeSync(1, `kept ${number}\n`);
}

const until = Number(first) + Number(count);
async function lane(number) {
  if (number >= until) return;
  await append(number);
  await lane(number + 8);
}
const lanes = Array.from({ length: 8 }, (_, index) => lane(Number(first) + index));
const results = await Promise.allSettled(lanes);
for (const { reason } of results) if (reason) writeSync(1, `refused ${reason.code}\n`);
await chain.close();
writeSync(1, 'closed\n');

// Runs the 61 audits of GraphQL over HTTP against a portal: node audit.mjs URL. It exits 1 unless all
// of them pass, also when there are fewer than there were.
import { serverAudits } from 'graphql-http';

const [url] = process.argv.slice(2);
const expected = { MUST: 13, SHOULD: 23, MAY: 25 };
const passed = { MUST: 0, SHOULD: 0, MAY: 0 };
const failures = [];

const fetchFn = (to, init = {}) => fetch(to, { ...init, signal: AbortSignal.timeout(10_000) });

for (const audit of serverAudits({ url, fetchFn })) {
  const [level] = audit.name.split(' ', 1);
  const result = await audit.fn().catch((error) => ({ status: 'error', reason: String(error) }));
  if (result.status === 'ok') passed[level] += 1;
  else failures.push(`${audit.id} ${audit.name}: ${result.reason}`);
}

for (const [level, count] of Object.entries(expected)) {
  console.log(`${level} ${passed[level]}/${count}`);
  if (passed[level] !== count) process.exitCode = 1;
}
for (const failure of failures) console.log(`failed: ${failure}`);
if (failures.length > 0) process.exitCode = 1;

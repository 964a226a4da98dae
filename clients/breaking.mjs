// Compares schema BASE with schema NOW: a breaking change must be announced, with its reason.
import { readFileSync } from 'node:fs';
import { diff } from '@graphql-inspector/core';
import { buildSchema } from 'graphql';

const [base, now, announcements] = process.argv.slice(2).map((path) => readFileSync(path, 'utf8'));

const announced = new Map();
for (const line of announcements.split('\n')) {
  const [path, ...reason] = line.trim().split(/\s+/);
  if (path === '' || path.startsWith('#')) continue;
  if (reason.length === 0) throw new Error(`${path} is announced without a reason`);
  announced.set(path, reason.join(' '));
}

let unannounced = 0;
for (const { criticality, path, message } of await diff(buildSchema(base), buildSchema(now))) {
  if (criticality.level !== 'BREAKING') continue;
  const reason = announced.get(path);
  console.log(`${reason ? 'announced' : 'BREAKING'}: ${path}: ${message}${reason ? ` (${reason})` : ''}`);
  if (!reason) unannounced++;
}
if (unannounced > 0) {
  console.log(`${unannounced} breaking changes are not in clients/announced-breaking-changes.txt`);
  process.exit(1);
}

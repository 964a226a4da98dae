// Drives other people's clients against a portal from Node: node clients.mjs URL [TOKEN MEMBER]; see
// drive.mjs. It exits 1 if one of them fails.
import { drive } from './drive.mjs';

const [url, token, member] = process.argv.slice(2);
for (const { title, error } of await drive({ url, token, member })) {
  console.log(error === undefined ? `ok ${title}` : `failed: ${title}: ${error}`);
  if (error !== undefined) process.exitCode = 1;
}

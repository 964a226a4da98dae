// What a page does: it drives the clients as clients.mjs does from Node, and asks with plain fetch. What
// is to be asked is in its address; what came stands in window.result.
import { drive } from './drive.mjs';

const asked = Object.fromEntries(new URLSearchParams(location.search));
const attempt = async (path, init) => {
  try {
    const answer = await fetch(asked.portal + path, init);
    return `${answer.type} ${answer.status}`;
  } catch (error) {
    return error.name;
  }
};
const ask = { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: '{"query":"{ members(first: 3) { nodes { name } } }"}' };

const fetched = {
  'as the manual has it': await attempt('/graphql', ask),
  'with every documented header': await attempt('/graphql', {
    ...ask,
    headers: {
      ...ask.headers, Accept: 'application/json', Authorization: '', 'Accept-Language': 'fr', 'If-None-Match': '""', 'X-Request-Cost': '1',
      'Apollo-Require-Preflight': '1', 'X-Apollo-Operation-Name': 'Q', 'X-Apollo-Operation-Id': '1', 'Apollographql-Client-Name': 'page', 'Apollographql-Client-Version': '1',
    },
  }),
  'by GET': await attempt('/graphql?query={__typename}'),
  'by GET, blind': await attempt('/graphql?query={__typename}', { mode: 'no-cors' }),
  'the public calendar': await attempt('/calendar.ics', { headers: { 'If-None-Match': '""' } }),
  'a secret calendar': await attempt(asked.calendar),
};
const url = `${asked.portal}/graphql`;
const lines = asked.token ? [...(await drive({ url })), ...(await drive({ url, token: asked.token, member: asked.member }))] : await drive({ url });
window.result = { fetched, failed: lines.filter((l) => l.error !== undefined).map((l) => `${l.title}: ${l.error}`), tried: lines.length };

// A page that lists what the portal tells the person in front of it: the events to come, the consultations that are open, or
// the members for which the person acts. Benefits lead here, so the paths stay.
import { ask, day, part, show, trying, word } from './link.js';
import { anchor, eventRow, row } from './rows.js';

const page = 'pageInfo { hasNextPage hasPreviousPage endCursor startCursor }';
const events = 'nodes { id title { text } time { startsOn endsOn precision } eligibility { eligible } contributions { closesOn } dataset }';

const consultation = (c) => row(anchor(`consultations/${c.id}`, c.title.text), `${word('UNTIL')} ${day(c.closesOn)}`, c.dataset === 'DEMONSTRATION' && word('DEMONSTRATION'));

const member = (m) => row(anchor(`members/${m.id}`, m.displayName), m.dataset === 'DEMONSTRATION' && word('DEMONSTRATION'));

// lists are what each page asks for, and what it makes of the answer: rows, and where the next page begins. Consultations
// come latest first, so that the soonest deadline is at their end.
const lists = {
  events: [`query Events($at: String) { viewer { id } events(filter: { statuses: [PUBLISHED] }, first: 20, after: $at) { ${events} ${page} } }`,
    ({ events: { nodes, pageInfo } }) => [nodes.map((e) => eventRow(e, '')), pageInfo.hasNextPage && pageInfo.endCursor]],
  consultations: [`query Consultations($at: String) { viewer { id } consultations(filter: { status: OPEN }, last: 20, before: $at) { nodes { id title { text } closesOn dataset } ${page} } }`,
    ({ consultations: { nodes, pageInfo } }) => [nodes.reverse().map(consultation), pageInfo.hasPreviousPage && pageInfo.startCursor]],
  member: ['query Own { viewer { id entities { ... on Member { id displayName dataset } } } }', ({ viewer }) => {
    const own = (viewer?.entities ?? []).filter((m) => m.id);
    if (own.length === 1) location.replace(`members/${own[0].id}`);
    return [own.map(member), false];
  }],
};

const [query, read] = lists[part('list').dataset.list];
let at = null;

const more = () => trying(async () => {
  const answer = await ask(query, { at });
  const [rows, next] = read(answer);
  part('list').append(...rows);
  at = next;
  show('more', Boolean(next));
  show('sign-in-first', !answer.viewer);
  show('none', part('list').children.length === 0 && (answer.viewer !== null || part('list').dataset.list !== 'member'));
});

part('more').addEventListener('click', more);
show('loading');
await more();
show('loading', false);
document.querySelector('h1').focus();

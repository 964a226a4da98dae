// The page of what a person was told, and of what is mailed.
import { ask, day, part, say, show, trying, word } from './link.js';

const question = `query Notifications($after: String) { viewer {
  unreadNotifications notificationPreferences { kind delivery owed }
  notifications(first: 20, after: $after) { nodes { id subject text at readAt url } pageInfo { hasNextPage endCursor } }
} }`;

let after = null;

const item = (n) => {
  const li = document.createElement('li');
  const title = Object.assign(document.createElement(n.url ? 'a' : 'span'), { textContent: n.subject });
  if (n.url) title.href = n.url;
  if (!n.readAt) title.className = 'unread';
  const text = Object.assign(document.createElement('p'), { textContent: n.text });
  const at = Object.assign(document.createElement('p'), { textContent: day(n.at), className: 'at' });
  li.append(title, at, text);
  return li;
};

// choice is the row of a kind: its name, and when it is mailed.
const choice = ({ kind, delivery, owed }) => {
  const row = part('choice').content.firstElementChild.cloneNode(true);
  const [label, select] = [row.querySelector('label'), row.querySelector('select')];
  select.id = `mail-${kind}`;
  label.htmlFor = select.id;
  label.textContent = word(kind);
  select.value = delivery;
  select.disabled = owed;
  select.addEventListener('change', () => trying(async () => {
    const { setNotificationPreferences: done } = await ask('mutation Choose($p: [NotificationPreferenceInput!]!) { setNotificationPreferences(input: { preferences: $p }) { userErrors { message } } }', { p: [{ kind, delivery: select.value }] });
    say(...done.userErrors.map((f) => f.message));
  }));
  return row;
};

const more = () => trying(async () => {
  const { viewer } = await ask(question, { after });
  if (!viewer?.notifications || viewer.notificationPreferences.length === 0) {
    show('sign-in-first');
    return;
  }
  const { nodes, pageInfo } = viewer.notifications;
  part('list').append(...nodes.map(item));
  if (after === null) part('choices').replaceChildren(...viewer.notificationPreferences.map(choice));
  after = pageInfo.endCursor;
  show('none', part('list').children.length === 0);
  show('more', pageInfo.hasNextPage);
  show('read', viewer.unreadNotifications > 0);
  show('notice');
});

part('more').addEventListener('click', more);
part('read').addEventListener('click', () => trying(async () => {
  const { markNotificationsRead: done } = await ask('mutation { markNotificationsRead(input: { all: true }) { unread userErrors { message } } }');
  say(...done.userErrors.map((f) => f.message));
  if (done.unread === 0) {
    document.querySelectorAll('.unread').forEach((e) => e.classList.remove('unread'));
    show('read', false);
  }
}));

show('loading');
await more();
show('loading', false);
document.querySelector('h1').focus();

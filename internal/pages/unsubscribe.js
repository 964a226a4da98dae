// The page at which a kind of messages is switched off by the link of a message. Nothing happens before the button is
// pressed, because programs open links to look at them.
import { part, show, trying } from './link.js';

part('off').addEventListener('click', () => trying(async () => {
  const { status } = await fetch(location.href, { method: 'POST', credentials: 'omit' });
  show('notice', false);
  show(status === 204 ? 'done' : 'gone');
  document.querySelector('h1').focus();
}));
show('notice');

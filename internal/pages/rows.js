// What pages list: links, and what there is to say of each.
import { day, days, word } from './link.js';

export const anchor = (href, text) => Object.assign(document.createElement('a'), { href, textContent: text, rel: 'noopener noreferrer' });

// row is an entry of a list: a link, and below it what there is to say of it.
export const row = (link, ...facts) => {
  const li = document.createElement('li');
  li.append(link, ...facts.filter(Boolean).map((text) => Object.assign(document.createElement('p'), { textContent: text })));
  return li;
};

// eventRow is an event in a list, and what the person can do about it; up leads to the address of the portal.
export const eventRow = (e, up) => row(
  anchor(`${up}events/${e.id}`, e.title.text),
  days(e.time.startsOn, e.time.endsOn, e.time.precision),
  e.eligibility?.eligible && word('CAN_REGISTER'),
  e.contributions && `${word('CALL_OPEN')} ${day(e.contributions.closesOn)}`,
  e.dataset === 'DEMONSTRATION' && word('DEMONSTRATION'),
);

export const list = (rows) => {
  const ul = document.createElement('ul');
  ul.append(...rows);
  return ul;
};

// The page of a record: what the portal tells the person in front of it about a member, an event, a consultation, an
// application, an invoice, a benefit, a series, a country, a liaison statement or feedback. Old messages lead here, so the paths stay.
import { applicantSignsIn } from './applicant.js';
import { ask, day, days, part, show, trying, word } from './link.js';
import { anchor, eventRow, list, row } from './rows.js';

const money = 'amount currency';

// kinds are the types of records: what is asked, the title, the facts in their order, by the names of their labels, and what
// is asked beside the record.
const kinds = {
  Member: ['name displayName category studyGroup country { name { text } } joinedOn leavesOn website socialLinks { network url } description { text } dataset', (r) => r.displayName,
    (r) => ({ name: r.name, category: word(r.category), studyGroup: r.studyGroup && word(r.studyGroup), country: r.country?.name.text, from: date(r.joinedOn), until: date(r.leavesOn), link: r.website, social: r.socialLinks, about: r.description?.text })],
  Country: ['name { text }', (r) => r.name.text, () => ({})],
  Event: ['title { text } summary { text } city { text } venue time { startsOn endsOn precision } registration { opensOn closesOn } eligibility { eligible } contributions { closesOn } myRegistration { status } dataset', (r) => r.title.text,
    (r) => ({ about: r.summary?.text, when: days(r.time.startsOn, r.time.endsOn, r.time.precision), where: [r.venue, r.city?.text].filter(Boolean).join(', '), registration: span(r.registration?.opensOn, r.registration?.closesOn) || (r.eligibility?.eligible && word('CAN_REGISTER')), contributions: r.contributions && `${word('CALL_OPEN')} ${date(r.contributions.closesOn)}`, status: r.myRegistration && word(r.myRegistration.status) })],
  Consultation: ['title { text } introduction { text } closesOn group dataset', (r) => r.title.text,
    (r) => ({ about: r.introduction?.text, by: r.group, until: date(r.closesOn) })],
  Application: [`name submittedOn nextStep { label } joiningInvoice { number amount { ${money} } outstanding { ${money} } dueOn payTo printPath } dataset`, (r) => r.name,
    (r) => ({ submitted: date(r.submittedOn), next: r.nextStep.label, number: r.joiningInvoice?.number, amount: sum(r.joiningInvoice?.amount), left: sum(r.joiningInvoice?.outstanding), due: date(r.joiningInvoice?.dueOn), payTo: r.joiningInvoice?.payTo, print: r.joiningInvoice?.printPath })],
  Invoice: [`number year amount { ${money} } outstanding { ${money} } issuedOn dueOn payTo printPath creditNote { printPath } member { name } dataset`, (r) => `${label('number')} ${r.number ?? ''} (${r.year})`,
    (r) => ({ name: r.member?.name, issued: date(r.issuedOn), amount: sum(r.amount), left: sum(r.outstanding), due: date(r.dueOn), payTo: r.payTo, print: r.printPath, creditNote: r.creditNote?.printPath })],
  Benefit: ['title { text } description { text } howToUse { text } actions { label path } dataset', (r) => r.title.text, (r) => ({ about: r.description.text, next: r.howToUse.text, actions: r.actions })],
  EventSeries: ['title { text } description { text } topics { open introduction { text } } dataset', (r) => r.title.text,
    (r, { events }) => ({ about: r.description?.text, topics: r.topics && (r.topics.open ? [r.topics.introduction?.text, word('TOPICS_OPEN')].filter(Boolean).join(' ') : word('TOPICS_CLOSED')), events: events.nodes }),
    'events(filter: { series: [$id], statuses: [PUBLISHED] }, first: 20) { nodes { id title { text } time { startsOn endsOn precision } eligibility { eligible } contributions { closesOn } dataset } }'],
  LiaisonStatement: ['reference title { text } abstract { text } source dataset', (r) => r.title.text, (r) => ({ about: r.abstract?.text, reference: r.reference, by: r.source })],
  ServiceFeedback: ['subject text answer { text } dataset', (r) => r.subject, (r) => ({ about: r.text, answer: r.answer?.text })],
};

const label = (name) => part('facts').querySelector(`[data-fact="${name}"] dt`).textContent;
const date = (text) => (text ? day(text) : '');
const span = (from, to) => [...new Set([from, to].filter(Boolean).map(date))].join(' – ');
const sum = (m) => (m ? new Intl.NumberFormat(document.documentElement.lang, { style: 'currency', currency: m.currency, currencyDisplay: 'code' }).format(m.amount) : '');

// An applicant has no account: a code for this application gives a token for it, which this page alone keeps.
let token = '';

const id = decodeURIComponent(location.pathname.split('/').pop());

// A document is opened by whoever is signed in. Nothing else than this page has an applicant's token, so it saves the
// document for the applicant.
const paper = (path, text) => {
  const link = anchor(`..${path}?locale=${document.documentElement.lang.toUpperCase()}`, text);
  link.addEventListener('click', (event) => {
    if (token === '') return;
    event.preventDefault();
    trying(async () => {
      const answer = await fetch(link.href, { headers: { Authorization: `Bearer ${token}` } });
      if (!answer.ok) throw new Error(answer.statusText);
      const saved = anchor(URL.createObjectURL(await answer.blob()), '');
      saved.download = `${text}.html`;
      saved.click();
      URL.revokeObjectURL(saved.href);
    });
  });
  return link;
};

const place = {
  actions: (actions) => list(actions.map((a) => row(anchor(`..${a.path}`, a.label)))),
  events: (events) => (events.length > 0 ? list(events.map((e) => eventRow(e, '../'))) : word('NO_EVENTS')),
  social: (links) => list(links.map((l) => row(anchor(l.url, l.url)))),
  link: (value) => anchor(value, value),
  print: paper,
  creditNote: paper,
};

const look = async () => {
  const { node } = await ask('query Type($id: ID!) { node(id: $id) { __typename } }', { id }, token);
  const kind = node && kinds[node.__typename];
  if (!kind) return false;
  const [fields, title, facts, beside = ''] = kind;
  const answer = await ask(`query Record($id: ID!) { node(id: $id) { ... on ${node.__typename} { ${fields} } } ${beside} }`, { id }, token);
  const record = answer.node;
  const heading = title(record) ?? '';
  document.title = heading;
  document.querySelector('h1').textContent = heading;
  for (const [name, value] of Object.entries(facts(record, answer))) {
    if (!value || (name !== 'events' && value.length === 0)) continue;
    const row = part('facts').querySelector(`[data-fact="${name}"]`);
    row.querySelector('dd').replaceChildren(place[name]?.(value, row.querySelector('dt').textContent) ?? value);
    row.hidden = false;
  }
  show('demonstration', record.dataset === 'DEMONSTRATION');
  show('facts');
  return true;
};

// The person comes back here after signing in.
document.querySelector('#gone a').href += `#${location.pathname.split('/').slice(-2).join('/')}`;

show('loading');
await trying(async () => {
  const gone = !await look();
  show('gone', gone);
  const applies = gone && location.pathname.split('/').at(-2) === 'applications';
  if (!applies) return;
  applicantSignsIn(id, async (given) => {
    token = given;
    show('gone', !await look());
  });
});
show('loading', false);
document.querySelector('h1').focus();

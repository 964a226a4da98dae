// The page of a record: what the portal tells the person in front of it about a member, an event, a consultation, an
// application, an invoice, a benefit, a series, a country, a liaison statement or feedback. Old messages lead here, so the paths stay.
import { ask, day, part, show, trying, word } from './link.js';

const money = 'amount currency';

// kinds are the types of records: what is asked, the title, and the facts in their order, by the names of their labels.
const kinds = {
  Member: ['name displayName country { name { text } } joinedOn leavesOn website dataset', (r) => r.displayName,
    (r) => ({ name: r.name, country: r.country?.name.text, from: date(r.joinedOn), until: date(r.leavesOn), link: r.website })],
  Country: ['name { text }', (r) => r.name.text, () => ({})],
  Event: ['title { text } summary { text } city { text } venue time { startsOn endsOn } registration { opensOn closesOn } myRegistration { status } dataset', (r) => r.title.text,
    (r) => ({ about: r.summary?.text, when: span(r.time.startsOn, r.time.endsOn), where: [r.venue, r.city?.text].filter(Boolean).join(', '), registration: span(r.registration?.opensOn, r.registration?.closesOn), status: r.myRegistration && word(r.myRegistration.status) })],
  Consultation: ['title { text } introduction { text } closesOn group dataset', (r) => r.title.text,
    (r) => ({ about: r.introduction?.text, by: r.group, until: date(r.closesOn) })],
  Application: [`name submittedOn nextStep { label } joiningInvoice { number amount { ${money} } outstanding { ${money} } dueOn payTo } dataset`, (r) => r.name,
    (r) => ({ from: date(r.submittedOn), next: r.nextStep.label, number: r.joiningInvoice?.number, amount: sum(r.joiningInvoice?.amount), left: sum(r.joiningInvoice?.outstanding), until: date(r.joiningInvoice?.dueOn), payTo: r.joiningInvoice?.payTo })],
  Invoice: [`number year amount { ${money} } outstanding { ${money} } issuedOn dueOn member { name } dataset`, (r) => `${r.number ?? ''} ${r.year}`,
    (r) => ({ name: r.member?.name, from: date(r.issuedOn), amount: sum(r.amount), left: sum(r.outstanding), until: date(r.dueOn) })],
  Benefit: ['title { text } description { text } howToUse { text } dataset', (r) => r.title.text, (r) => ({ about: r.description.text, next: r.howToUse.text })],
  EventSeries: ['title { text } description { text } dataset', (r) => r.title.text, (r) => ({ about: r.description?.text })],
  LiaisonStatement: ['reference title { text } abstract { text } source dataset', (r) => r.title.text, (r) => ({ about: r.abstract?.text, number: r.reference, by: r.source })],
  ServiceFeedback: ['subject text answer { text } dataset', (r) => r.subject, (r) => ({ about: r.text, answer: r.answer?.text })],
};

const date = (text) => (text ? day(text) : '');
const span = (from, to) => [...new Set([from, to].filter(Boolean).map(date))].join(' – ');
const sum = (m) => (m ? new Intl.NumberFormat(document.documentElement.lang, { style: 'currency', currency: m.currency, currencyDisplay: 'code' }).format(m.amount) : '');

const look = async (id) => {
  const { node } = await ask('query Type($id: ID!) { node(id: $id) { __typename } }', { id });
  const kind = node && kinds[node.__typename];
  if (!kind) return false;
  const [fields, title, facts] = kind;
  const { node: record } = await ask(`query Record($id: ID!) { node(id: $id) { ... on ${node.__typename} { ${fields} } } }`, { id });
  const heading = title(record) ?? '';
  document.title = heading;
  document.querySelector('h1').textContent = heading;
  for (const [name, value] of Object.entries(facts(record))) {
    if (!value) continue;
    const row = part('facts').querySelector(`[data-fact="${name}"]`);
    const place = row.querySelector('dd');
    if (name === 'link') {
      const link = document.createElement('a');
      link.href = value;
      link.rel = 'noopener noreferrer';
      link.textContent = value;
      place.replaceChildren(link);
    } else {
      place.textContent = value;
    }
    row.hidden = false;
  }
  show('demonstration', record.dataset === 'DEMONSTRATION');
  show('facts');
  return true;
};

show('loading');
await trying(async () => show('gone', !await look(decodeURIComponent(location.pathname.split('/').pop()))));
show('loading', false);
document.querySelector('h1').focus();

import { ask, day, days, fill, part, say, show, takeCode, trying, word } from './link.js';

// The page behind the link in the invitation of a guest, who registers there.
const code = takeCode();
const element = (name, values) => Object.assign(document.createElement(name), values);

const look = async () => {
  const { guestNotice: n } = await ask('query Guest($code: String!) { guestNotice(code: $code) { organisation event startsOn endsOn expiresOn modes questions { code text required } keptUntil dataset } }', { code });
  show(n ? 'notice' : 'gone');
  if (!n) return;
  fill({
    event: n.event,
    when: days(n.startsOn, n.endsOn),
    organisation: n.organisation,
    until: day(n.expiresOn),
    kept: day(n.keptUntil),
  });
  show('demonstration', n.dataset === 'DEMONSTRATION');
  part('mode').replaceChildren(...n.modes.map((mode) => element('option', { value: mode, textContent: word(mode) })));
  part('questions').replaceChildren(...n.questions.flatMap((q, i) => [
    element('label', { htmlFor: `question-${i}`, textContent: q.text }),
    element('input', { id: `question-${i}`, name: q.code, required: q.required }),
  ]));
};

const register = async () => {
  const answers = [...part('questions').querySelectorAll('input')].filter((i) => i.value.trim() !== '').map((i) => ({ question: i.name, text: i.value }));
  const { acceptEventInvitation: done } = await ask('mutation Accept($input: AcceptEventInvitationInput!) { acceptEventInvitation(input: $input) { userErrors { message } } }', {
    input: {
      code, name: part('name').value, email: part('email').value, mode: part('mode').value, consent: part('consent').checked, nameVisibility: part('visibility').value, answers,
    },
  });
  if (done.userErrors.length > 0) {
    say(...done.userErrors.map((f) => f.message));
    return;
  }
  show('notice', false);
  show('done');
  document.querySelector('h1').focus();
};

if (code === '') {
  show('no-code');
} else {
  show('loading');
  await trying(look);
  show('loading', false);
  part('notice').addEventListener('submit', (event) => {
    event.preventDefault();
    trying(register);
  });
}

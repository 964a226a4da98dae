import { ask, keep, part, say, show, takeCode, trying } from './link.js';

// A person who came from a link goes back to it. Only these two places are known, so that nobody is sent elsewhere.
const from = /^(invitation|registration)\/([A-Z2-7]{32})$/.exec(takeCode());
const next = from ? `${from[1]}#${from[2]}` : '';
let challenge = '';

const step = (id, field) => {
  show('ask', id === 'ask');
  show('enter', id === 'enter');
  part(field).focus();
};

part('ask').addEventListener('submit', (event) => {
  event.preventDefault();
  trying(async () => {
    const { requestSignInCode: asked } = await ask('mutation Code($email: String!) { requestSignInCode(input: { email: $email }) { challenge userErrors { message } } }', { email: part('email').value });
    if (asked.userErrors.length > 0) {
      say(...asked.userErrors.map((f) => f.message));
      return;
    }
    challenge = asked.challenge;
    step('enter', 'code');
  });
});

part('again').addEventListener('click', () => {
  part('code').value = '';
  say();
  step('ask', 'email');
});

part('enter').addEventListener('submit', (event) => {
  event.preventDefault();
  trying(async () => {
    const { signIn: done } = await ask('mutation SignIn($challenge: ID!, $code: String!) { signIn(input: { challenge: $challenge, code: $code }) { signedIn { accessToken } userErrors { message } } }', { challenge, code: part('code').value.trim() });
    if (done.userErrors.length > 0) {
      say(...done.userErrors.map((f) => f.message));
      return;
    }
    if (!await keep(done.signedIn.accessToken)) {
      show('unreachable');
      return;
    }
    if (next !== '') {
      location.assign(next);
      return;
    }
    show('enter', false);
    show('signed-in');
    document.querySelector('h1').focus();
  });
});

step('ask', 'email');

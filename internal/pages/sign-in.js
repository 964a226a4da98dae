import { ask, keep, part, say, show, takeCode, trying } from './link.js';

// A person who came from a page goes back to it. Only the portal's own pages are known, so that nobody is sent elsewhere.
const came = takeCode();
const link = /^(invitation|registration)\/([A-Z2-7]{32})$/.exec(came);
const page = /^(notifications|events|consultations|member|[a-z-]+\/[a-z]{3}_[A-Za-z0-9_-]{1,64})$/.exec(came);
const next = link ? `${link[1]}#${link[2]}` : page ? page[1] : '';
let challenge = '';

if (page && part('account')) part('account').href = `sign-in/oidc/start?return=/${page[1]}`;

const step = (id, field) => {
  show('ask', id === 'ask');
  show('enter', id === 'enter');
  part(field).focus();
};

// enter keeps the session of a sign-in, or shows what is wrong with it.
const enter = async ({ signedIn, userErrors }) => {
  if (userErrors.length > 0) {
    say(...userErrors.map((f) => f.message));
    return;
  }
  if (!await keep(signedIn)) {
    show('unreachable');
    return;
  }
  if (next !== '') {
    location.assign(next);
    return;
  }
  show('ask', false);
  show('enter', false);
  show('signed-in');
  document.querySelector('h1').focus();
};

// A browser that cannot read the options as they come has no button.
show('passkey', typeof PublicKeyCredential === 'function' && 'parseRequestOptionsFromJSON' in PublicKeyCredential);

part('passkey').addEventListener('click', () => trying(async () => {
  show('no-passkey', false);
  const { beginPasskeySignIn: begun } = await ask('mutation { beginPasskeySignIn { challenge options userErrors { message } } }');
  let signed;
  try {
    signed = await navigator.credentials.get({ publicKey: PublicKeyCredential.parseRequestOptionsFromJSON(JSON.parse(begun.options)) });
  } catch { // the person turned it down, or has none
    show('no-passkey');
    return;
  }
  const { signInWithPasskey: done } = await ask('mutation Passkey($challenge: ID!, $credential: String!) { signInWithPasskey(input: { challenge: $challenge, credential: $credential }) { signedIn { accessToken refreshToken } userErrors { message } } }', { challenge: begun.challenge, credential: JSON.stringify(signed.toJSON()) });
  await enter(done);
}));

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
    const { signIn: done } = await ask('mutation SignIn($challenge: ID!, $code: String!) { signIn(input: { challenge: $challenge, code: $code }) { signedIn { accessToken refreshToken } userErrors { message } } }', { challenge, code: part('code').value.trim() });
    await enter(done);
  });
});

step('ask', 'email');

// An applicant has no account. A code that is sent to the address of an application gives a token for it.
import { ask, part, say, show, trying } from './link.js';

// applicantSignsIn asks for the address of an application and for the code, and calls then with the token.
export const applicantSignsIn = (application, then) => {
  let challenge = '';
  const step = (to, field) => {
    show('ask', to === 'ask');
    show('enter', to === 'enter');
    part(field).focus();
  };
  part('ask').addEventListener('submit', (event) => {
    event.preventDefault();
    trying(async () => {
      const input = { email: part('email').value, application, locale: document.documentElement.lang.toUpperCase() };
      const { requestApplicationCode: asked } = await ask('mutation Code($input: RequestApplicationCodeInput!) { requestApplicationCode(input: $input) { challenge userErrors { message } } }', { input });
      say(...asked.userErrors.map((f) => f.message));
      if (asked.challenge) {
        challenge = asked.challenge;
        step('enter', 'code');
      }
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
      const input = { challenge, code: part('code').value.trim() };
      const { confirmApplicationCode: done } = await ask('mutation Confirm($input: ConfirmApplicationCodeInput!) { confirmApplicationCode(input: $input) { token userErrors { message } } }', { input });
      if (!done.token) {
        say(...done.userErrors.map((f) => f.message));
        return;
      }
      await then(done.token);
      show('enter', false);
      document.querySelector('h1').focus();
    });
  });
  show('applicant');
  show('ask');
};

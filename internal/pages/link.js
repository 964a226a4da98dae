// What the pages share: the code of a link, questions to the portal, and what is shown of the answers. All texts come
// from the page or from the portal, which know the person's language. Addresses are relative, so that a proxy may put the
// portal below a path.

export const part = (id) => document.getElementById(id);

export const show = (id, yes = true) => {
  part(id).hidden = !yes;
};

// takeCode returns the code behind the #, and takes it out of the address bar and the history.
export const takeCode = () => {
  const code = location.hash.slice(1);
  history.replaceState(null, '', location.pathname);
  addEventListener('hashchange', () => location.reload()); // another link was pasted over this page
  return code;
};

// Refused is what the portal answers to a question that it does not take.
export class Refused extends Error {}

// ask sends a document to the portal and returns its data: as whoever is signed in, or whose token it is.
export const ask = async (query, variables, token = '') => {
  const answer = await fetch(new URL('../graphql', import.meta.url), {
    method: 'POST',
    credentials: 'same-origin',
    headers: { 'Content-Type': 'application/json', Accept: 'application/json', 'Accept-Language': document.documentElement.lang, ...(token && { Authorization: `Bearer ${token}` }) },
    body: JSON.stringify({ query, variables }),
  });
  const { data, errors } = await answer.json();
  if (errors?.length) throw new Refused(errors[0].message);
  return data;
};

// keep moves a session into a cookie, which no script can read. It is false if the server keeps none.
export const keep = async ({ accessToken, refreshToken }) => {
  const answer = await fetch(new URL('../session', import.meta.url), {
    method: 'POST',
    credentials: 'same-origin',
    headers: { Authorization: `Bearer ${accessToken}`, 'Content-Type': 'application/json' },
    body: JSON.stringify({ refreshToken }),
  });
  return answer.status === 204;
};

// say shows faults, which are announced; without any it empties the place.
export const say = (...faults) => {
  part('fault').replaceChildren(...faults.map((text) => {
    const line = document.createElement('p');
    line.textContent = text;
    return line;
  }));
};

// trying runs what a person asked for, with the buttons off, and shows what goes wrong.
export const trying = async (act) => {
  const buttons = [...document.querySelectorAll('button')];
  buttons.forEach((b) => { b.disabled = true; });
  say();
  show('unreachable', false);
  try {
    await act();
  } catch (error) {
    if (error instanceof Refused) say(error.message);
    else show('unreachable');
  }
  buttons.forEach((b) => { b.disabled = false; });
};

// fill shows what a notice says, as text and never as markup.
export const fill = (values) => {
  for (const [name, value] of Object.entries(values)) {
    const at = document.querySelector(`[data-is="${name}"]`);
    if (Array.isArray(value)) {
      at.replaceChildren(...value.map((text) => Object.assign(document.createElement('li'), { textContent: text })));
    } else {
      at.textContent = value ?? '';
    }
    const row = at.closest('div');
    if (row) row.hidden = !value?.length;
  }
};

export const word = (value) => document.querySelector(`[data-word="${value}"]`)?.textContent ?? value;

// day writes a date, or the date of an instant, in the person's language.
export const day = (text) => new Intl.DateTimeFormat(document.documentElement.lang, { dateStyle: 'long', timeZone: 'UTC' }).format(new Date(text));

// days writes when an event is, as exactly as it is known: of some events the months alone are, or the first day alone.
export const days = (from, to, precision = 'DAY') => {
  if (precision === 'MONTH') return [...new Set([from, to].map((text) => new Intl.DateTimeFormat(document.documentElement.lang, { month: 'long', year: 'numeric', timeZone: 'UTC' }).format(new Date(text))))].join(' – ');
  if (!to) return `${day(from)} – ${word('FIRST_DAY')}`;
  return from === to ? day(from) : `${day(from)} – ${day(to)}`;
};

// answerLink runs a page behind a link. look shows the notice of a code, and says whether there is one; yes and no answer
// it and return the faults, and whether the person is signed in.
export const answerLink = async ({ look, yes, no }) => {
  const code = takeCode();
  if (code === '') {
    show('no-code');
    return;
  }
  show('loading');
  await trying(async () => {
    const there = await look(code);
    show(there ? 'notice' : 'gone');
  });
  show('loading', false);
  const button = (id, act) => part(id).addEventListener('click', () => trying(async () => {
    const { faults, signedIn } = await act(code);
    if (faults.length > 0) {
      say(...faults.map((f) => f.message));
      // The code goes along behind the #, so that the person comes back to this page.
      document.querySelector('#sign-in-first a').href = `sign-in#${location.pathname.split('/').pop()}/${code}`;
      show('sign-in-first', faults.some((f) => f.code === 'NOT_ELIGIBLE'));
      return;
    }
    show('notice', false);
    show(`done-${id}`);
    if (signedIn) {
      show('signed-in');
      show('sign-in-next', false);
    }
    document.querySelector('h1').focus();
  }));
  button('yes', yes);
  button('no', no);
};

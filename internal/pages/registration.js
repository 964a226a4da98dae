import { answerLink, ask, day, days, fill, show, word } from './link.js';

const faults = 'userErrors { code message }';

answerLink({
  look: async (code) => {
    const { registrationNotice: n } = await ask('query Registration($code: String!) { registrationNotice(code: $code) { registrar organisation event startsOn endsOn name mode status nameVisibility answers { question text } keptUntil shown dataset } }', { code });
    if (!n) return false;
    fill({
      by: n.registrar,
      organisation: n.organisation,
      event: n.event,
      when: days(n.startsOn, n.endsOn),
      name: n.name,
      mode: word(n.mode),
      status: word(n.status),
      visibility: word(n.nameVisibility),
      answers: n.answers.map((a) => `${a.question} ${a.text}`),
      kept: day(n.keptUntil),
      until: n.endsOn ? day(n.endsOn) : '',
      words: n.shown,
    });
    show('demonstration', n.dataset === 'DEMONSTRATION');
    return true;
  },
  yes: async (code) => {
    const { acceptRegistration: done } = await ask(`mutation Confirm($code: String!) { acceptRegistration(input: { code: $code }) { ${faults} } }`, { code });
    return { faults: done.userErrors };
  },
  no: async (code) => {
    const { refuseRegistration: done } = await ask(`mutation Refuse($code: String!) { refuseRegistration(input: { code: $code }) { ${faults} } }`, { code });
    return { faults: done.userErrors };
  },
});

import { answerLink, ask, day, fill, keep, show, word } from './link.js';

const faults = 'userErrors { code message }';

answerLink({
  look: async (code) => {
    const { invitation: i } = await ask('query Invitation($code: String!) { invitation(code: $code) { inviter organisation role from name email expiresAt records dataset } }', { code });
    if (!i) return false;
    fill({ by: i.inviter, organisation: i.organisation, role: word(i.role), from: day(i.from), name: i.name, email: i.email, until: day(i.expiresAt), words: i.records });
    show('demonstration', i.dataset === 'DEMONSTRATION');
    return true;
  },
  yes: async (code) => {
    const { acceptInvitation: done } = await ask(`mutation Accept($code: String!) { acceptInvitation(input: { code: $code }) { signedIn { accessToken refreshToken } ${faults} } }`, { code });
    return { faults: done.userErrors, signedIn: done.signedIn !== null && await keep(done.signedIn) };
  },
  no: async (code) => {
    const { declineInvitation: done } = await ask(`mutation Decline($code: String!) { declineInvitation(input: { code: $code }) { ${faults} } }`, { code });
    return { faults: done.userErrors };
  },
});

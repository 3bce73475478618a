// What an integrator does with Procore's own client: sign in, read projects, create an RFI, read it back.
// The results are printed as one line of JSON.
import { createRequire } from 'node:module';

const { PROCORE, COMPANY, PROJECT, LOGIN, MANAGER, NODE_MODULES } = process.env;
const sdk = createRequire(`${NODE_MODULES}/`)('@procore/js-sdk');

const app = { id: 'gusset-local', secret: 'gusset-local-secret', uri: 'http://localhost:3000/callback' };
const options = { apiHostname: PROCORE, defaultCompanyId: COMPANY };

async function signInByCode() {
  const address = sdk.authorize({ clientId: app.id, uri: app.uri }, options);
  const consent = await fetch(address, { method: 'POST', body: new URLSearchParams({ login: LOGIN }), redirect: 'manual' });
  const code = new URL(consent.headers.get('location')).searchParams.get('code');
  return sdk.token({ ...app, code }, options);
}

// The client has no call of its own for it.
async function signInAsServiceAccount() {
  const credentials = { grant_type: 'client_credentials', client_id: app.id, client_secret: app.secret };
  const answer = await fetch(`${PROCORE}/oauth/token`, { method: 'POST', body: new URLSearchParams(credentials) });
  return answer.json();
}

const tokens = await signInByCode();
const refreshed = await sdk.refresh({ ...app, token: tokens.access_token, refresh: tokens.refresh_token }, options);
const person = sdk.client(sdk.oauth(refreshed.access_token), {}, options);
const me = await person.get({ base: '/me' });
const projects = await person.get({ base: '/projects', qs: { company_id: COMPANY } });
const created = await person.post(
  { base: '/projects/{project}/rfis', params: { project: PROJECT } },
  { rfi: { subject: 'Riser 2 has no sleeve', draft: false, rfi_manager_id: Number(MANAGER), question: { body: '<p>May we core the slab?</p>' } } },
);
const rfi = { base: '/projects/{project}/rfis', params: { project: PROJECT, id: created.body.id } };
const read = await person.get(rfi);

const serviceAccount = await signInAsServiceAccount();
const program = sdk.client(sdk.oauth(serviceAccount.access_token), {}, options);
const readByProgram = await program.get(rfi);
const refused = await program.get({ base: '/projects', params: { id: 1 }, qs: { company_id: COMPANY } }).catch((refusal) => refusal);

console.log(JSON.stringify({
  expires_in: tokens.expires_in,
  me: me.body.login,
  projects: projects.body.map((project) => project.id),
  total: projects.response.headers.get('total'),
  created: created.body.id,
  read: { id: read.body.id, subject: read.body.subject, question: read.body.questions[0].plain_text_body },
  read_by_program: readByProgram.body.id,
  service_account_can_refresh: 'refresh_token' in serviceAccount,
  refused: refused.response.status,
  info: (await sdk.info(refreshed.access_token, options)).application.uid,
}));

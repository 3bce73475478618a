//! Who is signed in, and what that person may do.

mod glance;
mod lists;

use std::time::Duration;

use gusset_domain::{
    admin::{AccessLevel, AdminAccess, Glance},
    connection::{Change, Connection, Side},
    connection_code::ConnectionCode,
    email::EmailAddress,
    ids::{CompanyId, ConnectionId, ItemId, ProjectId},
    items::Item,
    pacing::Share,
    people::{Person, Project},
    send::Tool,
};
use gusset_words::say;
use jiff::Timestamp;
use lambda_http::http::StatusCode;
use tokio::sync::OnceCell;

use crate::{
    aws::Aws,
    chance,
    envelope::Envelope,
    http::{Cookie, Incoming, Problem},
    procore::{AccessToken, Authority, Procore, ProcoreError, Tokens, Visible},
    settings,
    table::{
        ExtraWrites, Table, TableError,
        limits::Limited,
        projects::ProjectRecord,
        recipients::Opener,
        sessions::{Companies, Session, SessionRecord},
    },
    tokens::{self, Keeper, KeptTokens, TokensError, Turn},
};

pub use glance::Seen;
pub use lists::{Freshness, ItemLists};

/// Times a change of a connection is tried again that met another change of it.
const CHANGE_TRIES: u32 = 5;

/// A connection that was changed.
#[derive(Debug)]
pub struct Changed {
    /// As it was.
    pub before: Connection,
    /// As it is.
    pub after: Connection,
    /// The side that changed it.
    pub side: Side,
}

/// The name of the session's cookie.
pub const COOKIE: &str = "gusset_session";

/// How long a session lasts without signing in again.
pub const LASTS: Duration = Duration::from_secs(14 * 24 * 60 * 60);

/// How often a request looks for the answer that another request of the same person is getting from Procore.
const ANSWER_LOOKS: u32 = 20;

/// The time between two such looks.
const BETWEEN_ANSWER_LOOKS: Duration = Duration::from_millis(100);

/// Sessions, with all that is needed to act for a person.
pub struct Sessions {
    /// The table.
    pub table: Table,
    /// Procore.
    pub procore: Procore,
    envelope: Envelope,
}

/// A person who is signed in.
pub struct SignedIn<'a> {
    sessions: &'a Sessions,
    hash: String,
    session: Session,
    /// The access token, opened when it is first needed: most requests do without it.
    token: OnceCell<AccessToken>,
}

/// A person who may act on a project's connections.
pub struct Admin<'a> {
    /// The person.
    pub who: SignedIn<'a>,
    /// The project.
    pub project: ProjectId,
}

/// Since when a page is as it is, while Procore does not answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Busy {
    /// When Procore last answered. None, where it never did.
    pub since: Option<Timestamp>,
    /// In how many seconds to ask it again.
    pub again_in: u64,
}

/// The soonest and the latest that Procore is asked again for a page, in seconds, and when it does not say how long to wait.
const SOONEST_AGAIN: u64 = 3;
const LATEST_AGAIN: u64 = 60;
const AGAIN: u64 = 15;

impl Busy {
    /// How long to wait for Procore, where that is what a problem is about.
    #[must_use]
    pub fn of(problem: &Problem, since: Option<Timestamp>) -> Option<Self> {
        let wait = problem.wait_seconds().unwrap_or(AGAIN);
        problem.is_procore_away().then_some(Self {
            since,
            again_in: wait.clamp(SOONEST_AGAIN, LATEST_AGAIN),
        })
    }
}

impl Sessions {
    /// Sessions as the template's settings have them.
    ///
    /// # Errors
    /// When a setting is missing or wrong, or the app's secret cannot be read: the function must not start.
    pub async fn from_environment(aws: &Aws) -> Result<Self, lambda_http::Error> {
        let client_secret = aws.secret(&settings::required("PROCORE_CLIENT_SECRET_ARN")?).await?;
        Ok(Self {
            table: Table::from_environment(aws)?,
            procore: Procore::from_environment(client_secret)?,
            envelope: Envelope::new(aws.kms(), settings::required("KMS_KEY_ID")?),
        })
    }

    /// Who sent a request.
    ///
    /// # Errors
    /// 401 when nobody is signed in, 403 when a service account's token comes instead of a person.
    pub async fn signed_in(&self, incoming: &Incoming) -> Result<SignedIn<'_>, Problem> {
        // Whoever it is, this is not done with tokens: see `callers` for what is.
        if incoming.bearer().is_some() {
            return Err(Problem::people_only());
        }
        self.of_browser(incoming).await
    }

    /// Who is signed in by the browser that sent a request, whatever else the request shows.
    async fn of_browser(&self, incoming: &Incoming) -> Result<SignedIn<'_>, Problem> {
        let nobody = || Problem::not_signed_in(say!("problem-not-signed-in-detail"));
        let secret = incoming
            .cookie(COOKIE)
            .filter(|secret| !secret.is_empty())
            .ok_or_else(nobody)?;
        let hash = chance::hash(secret);
        let session = self.table.session(&hash, Timestamp::now()).await?.ok_or_else(nobody)?;
        Ok(SignedIn {
            sessions: self,
            hash,
            session,
            token: OnceCell::new(),
        })
    }

    /// Who sent a request, if that person is an admin of a project.
    ///
    /// # Errors
    /// 401 when nobody is signed in, 403 when the person is no admin, 404 when the person cannot see the project.
    pub async fn admin(&self, incoming: &Incoming, project: ProjectId) -> Result<Admin<'_>, Problem> {
        let who = self.signed_in(incoming).await?;
        let access = who.access(project).await?;
        Admin::with(access, who, project)
    }

    /// Who looks at a project: an admin of it. For pages that only show what Gusset has. While Procore does not answer, it is
    /// who was an admin within the last [half hour](gusset_domain::admin::GLANCED_FOR): who looks does nothing, and each act asks anew.
    ///
    /// # Errors
    /// As [`Self::admin`].
    pub async fn onlooker(
        &self,
        incoming: &Incoming,
        project: ProjectId,
    ) -> Result<(Admin<'_>, Option<Busy>), Problem> {
        let who = self.signed_in(incoming).await?;
        let now = Timestamp::now();
        let known = who.known_access(project).filter(|known| !known.still_holds(now));
        let access = match known.filter(|known| Glance::of(Some(*known), now) == Glance::Admin) {
            None => who.access(project).await?,
            Some(known) => {
                let by = |token| Authority::Glance(token, Share::Whole);
                match who.ask_for_access(project, now, by).await {
                    Ok(access) => seen(access)?,
                    Err(problem) => {
                        let busy = Busy::of(&problem, Some(known.asked_at)).ok_or(problem)?;
                        return Ok((Admin { who, project }, Some(busy)));
                    }
                }
            }
        };
        Ok((Admin::with(access, who, project)?, None))
    }

    /// Begins a session for the person to whom the tokens belong, and gives its cookie. The browser's former session ends.
    ///
    /// # Errors
    /// When Procore or the table does not answer: there is no session then.
    pub async fn begin(&self, tokens: &Tokens, incoming: &Incoming, now: Timestamp) -> Result<Cookie, Problem> {
        let me = self.procore.me_by_name(Authority::Person(&tokens.access)).await?;
        let secret = chance::secret()?;
        let hash = chance::hash(&secret);
        let name = if me.name.is_empty() { me.login.clone() } else { me.name };
        let record = SessionRecord {
            person: Person { id: me.id, name },
            login: me.login,
            tokens: tokens::keep(&self.envelope, &place(&hash), tokens).await?,
            expires_at: now.as_second() + i64::try_from(LASTS.as_secs()).unwrap_or_default(),
        };
        self.table.put_session(&hash, &record).await?;
        // Dies here: the browser has its former session still, and nobody has the new one's secret.
        self.end_former(incoming).await?;
        Ok(Cookie::new(COOKIE, secret, LASTS, incoming))
    }

    /// Ends a request's session, here and at Procore, and gives the cookie that removes the browser's. What else the request
    /// shows by way of authorisation does not matter.
    ///
    /// # Errors
    /// When the table does not answer: the person is still signed in then.
    pub async fn end(&self, incoming: &Incoming) -> Result<Cookie, Problem> {
        self.end_former(incoming).await?;
        Ok(Cookie::gone(COOKIE, incoming))
    }

    async fn end_former(&self, incoming: &Incoming) -> Result<(), Problem> {
        let who = match self.of_browser(incoming).await {
            Ok(who) => who,
            Err(problem) if problem.status == StatusCode::UNAUTHORIZED => return Ok(()),
            Err(problem) => return Err(problem),
        };
        if let Ok(token) = who.token().await {
            // The session ends whether or not Procore hears of it: the tokens are lost to everybody with it.
            if let Err(error) = self.procore.revoke(token).await {
                tracing::warn!(%error, "a signed-out person's tokens were not revoked at Procore");
            }
        }
        // Dies here: Procore does not take the tokens any more, by which the next request ends the session.
        Ok(self.table.end_session(&who.hash).await?)
    }
}

impl SignedIn<'_> {
    /// The person.
    #[must_use]
    pub fn person(&self) -> &Person {
        &self.session.record.person
    }

    /// The person's login, an e-mail address.
    #[must_use]
    pub fn login(&self) -> &str {
        &self.session.record.login
    }

    pub(crate) fn procore(&self) -> &Procore {
        &self.sessions.procore
    }

    /// What the person may do with a project's Admin tool, as Procore said within the last minute or says now. A refusal is
    /// remembered like a grant.
    ///
    /// # Errors
    /// 404 when the person cannot see the project; 429 when the person asks for many such projects.
    pub async fn access(&self, project: ProjectId) -> Result<AdminAccess, Problem> {
        let now = Timestamp::now();
        let access = match self.session.access_to(project) {
            Some(known) if known.still_holds(now) => known,
            // A call that is the company's own: the person was in its project a while ago.
            Some(known) if known.sees_project() => self.ask_for_access(project, now, Authority::Person).await?,
            _ => self.ask_as_stranger(project, now).await?,
        };
        seen(access)
    }

    /// Asks about a project that may be somebody else's: its company pays for the call. So calls that end in a refusal are
    /// counted, for the person and for the person and project. Each is counted before it is made, and given back where
    /// the person sees the project. Of many requests at once, most wait for the answer to the first.
    async fn ask_as_stranger(&self, project: ProjectId, now: Timestamp) -> Result<AdminAccess, Problem> {
        let (table, user) = (&self.sessions.table, self.person().id);
        let mut looks = 0;
        let in_project = loop {
            match table.count_attempts([Limited::StrangerTo(user, project)], now).await? {
                Ok(counted) => break counted,
                Err(until) if looks == ANSWER_LOOKS => return Err(too_many_unseen(until, now)),
                Err(_) => {}
            }
            looks += 1;
            tokio::time::sleep(BETWEEN_ANSWER_LOOKS).await;
            let present = table.session(&self.hash, now).await?;
            let answered = present.and_then(|session| session.access_to(project));
            if let Some(answered) = answered.filter(|answered| answered.still_holds(now)) {
                return Ok(answered);
            }
        };
        let by_person = match table.count_attempts([Limited::Stranger(user)], now).await? {
            Ok(counted) => counted,
            Err(until) => {
                table.give_back_attempts(in_project).await;
                // Who has opened the project is no stranger to it, in whichever session.
                let opened = table.recipients(project).await?.opened;
                if !opened.iter().any(|opener| opener.person.id == user) {
                    return Err(too_many_unseen(until, now));
                }
                return self.ask_for_access(project, now, Authority::Person).await;
            }
        };
        // Dies here: the person has used up one of the calls that are allowed.
        let answer = self.ask_for_access(project, now, Authority::Person).await;
        if !matches!(answer, Ok(access) if !access.sees_project()) {
            table.give_back_attempts(in_project).await;
            table.give_back_attempts(by_person).await;
        }
        answer
    }

    /// Asks Procore on the person's authority, and remembers the answer. One call.
    async fn ask_for_access<'a>(
        &'a self,
        project: ProjectId,
        now: Timestamp,
        by: impl FnOnce(&'a AccessToken) -> Authority<'a>,
    ) -> Result<AdminAccess, Problem> {
        let procore = &self.sessions.procore;
        let level = match self.company_of(project).await? {
            // It is in none of the person's companies: no other company is asked about it.
            None => AccessLevel::Outside,
            Some(company) => match self
                .heard(procore.admin_access(by(self.token().await?), company, project).await)
                .await
            {
                Ok(level) => level,
                Err(problem) if matches!(problem.status, 403 | 404) => AccessLevel::Outside,
                Err(problem) => return Err(problem),
            },
        };
        self.remember(project, level, now).await
    }

    /// Remembers what Procore said of the person's access to a project.
    async fn remember(&self, project: ProjectId, level: AccessLevel, now: Timestamp) -> Result<AdminAccess, Problem> {
        let access = AdminAccess { level, asked_at: now };
        self.sessions.table.remember_access(&self.hash, project, access).await?;
        if !access.is_admin() {
            // Mails about a project are for its admins: who is none any more gets none.
            self.sessions.table.forget_opener(project, self.person().id).await?;
        }
        Ok(access)
    }

    /// In which company a project is, without which Procore answers nothing about it: as the person's own lists of projects said
    /// during this session, or as Gusset knows the project, or else as those lists say now. None where it is in none of them.
    ///
    /// # Errors
    /// As [`Self::heard`].
    async fn company_of(&self, project: ProjectId) -> Result<Option<CompanyId>, Problem> {
        if let Some(company) = self.session.company_of(project) {
            return Ok(Some(company));
        }
        if let Some(known) = self.sessions.table.project(project).await? {
            return Ok(Some(known.project.company_id));
        }
        let listed = self.listed().await?;
        let found = listed.into_iter().find(|listed| listed.project.id == project);
        Ok(found.map(|listed| listed.project.company_id))
    }

    /// The projects that the person can see, closed ones too, and remembers which company's they are.
    async fn listed(&self) -> Result<Vec<Visible>, Problem> {
        let procore = &self.sessions.procore;
        let listing = self.heard(procore.projects(self.authority().await?).await).await?;
        self.remember_companies(&listing.projects).await?;
        Ok(listing.projects)
    }

    async fn remember_companies(&self, listed: &[Visible]) -> Result<(), Problem> {
        let companies = Companies::of(listed.iter().map(|listed| &listed.project));
        if companies != self.session.companies {
            // Dies here: the next question lists them once more.
            let until = self.session.record.expires_at;
            self.sessions
                .table
                .remember_companies(&self.hash, until, &companies)
                .await?;
        }
        Ok(())
    }

    /// Whether the person has opened the project during this session.
    #[must_use]
    pub fn has_opened(&self, project: ProjectId) -> bool {
        self.session.opened.contains(&project)
    }

    /// Remembers, once a session, that the person gets the project's mails. A login that is no address gets none.
    async fn remember_opening(&self, project: ProjectId) -> Result<(), Problem> {
        if self.has_opened(project) {
            return Ok(());
        }
        let Ok(email) = self.login().parse() else {
            return Ok(());
        };
        let opener = Opener {
            person: self.person().clone(),
            email,
        };
        let until = self.session.record.expires_at;
        Ok(self
            .sessions
            .table
            .remember_opener(&self.hash, until, project, &opener)
            .await?)
    }

    /// The active projects that the person can see.
    ///
    /// # Errors
    /// As [`Self::heard`].
    pub async fn projects(&self) -> Result<Vec<Project>, Problem> {
        let listed = self.listed().await?;
        let active = listed.into_iter().filter(|listed| listed.active);
        Ok(active.map(|listed| listed.project).collect())
    }

    /// Whom to ask about a project that the person is no admin of: its admins who have opened it here, or else those
    /// whom Procore's directory shows as such. Empty where neither is known.
    ///
    /// # Errors
    /// When the table does not answer, or the session is over.
    pub async fn admins_of(&self, project: ProjectId) -> Result<Vec<Person>, Problem> {
        let opened = self.sessions.table.recipients(project).await?.opened;
        if !opened.is_empty() {
            return Ok(opened.into_iter().map(|opener| opener.person).collect());
        }
        let Some(company) = self.company_of(project).await? else {
            return Ok(Vec::new());
        };
        let asked = self
            .sessions
            .procore
            .likely_admins(self.authority().await?, company, project);
        match self.heard(asked.await).await {
            Ok(admins) => Ok(admins),
            Err(problem) if problem.status == 401 => Err(problem),
            // It only makes a sentence more helpful.
            Err(_) => Ok(Vec::new()),
        }
    }

    /// The addresses of the people in a project's directory. Empty where the directory is closed to the person.
    ///
    /// # Errors
    /// As [`Self::heard`].
    pub async fn addresses_in_project(&self, project: &Project) -> Result<Vec<EmailAddress>, Problem> {
        let procore = &self.sessions.procore;
        let asked = procore.addresses_in_project(self.authority().await?, project.company_id, project.id);
        match self.heard(asked.await).await {
            Err(problem) if matches!(problem.status, 403 | 404) => Ok(Vec::new()),
            answer => answer,
        }
    }

    /// One item of a project, as the person sees it. Whatever a person wants done with an item, this comes first: Gusset's
    /// own service account may see more, and lends nobody its eyes.
    ///
    /// # Errors
    /// 403 when Procore does not show the item to the person; else as [`Self::heard`].
    pub async fn item(&self, project: &Project, tool: Tool, item: ItemId) -> Result<Item, Problem> {
        let authority = self.authority().await?;
        let procore = &self.sessions.procore;
        let asked = procore.item(authority, project.company_id, project.id, tool, item);
        let seen = self.heard(asked.await).await;
        seen.map_err(|problem| match problem.status {
            403 | 404 => Problem::item_hidden(tool),
            _ => problem,
        })
    }

    /// The person's own authority, for a call to Procore.
    ///
    /// # Errors
    /// 401 when Procore gives the person no token any more.
    pub async fn authority(&self) -> Result<Authority<'_>, Problem> {
        self.token().await.map(Authority::Person)
    }

    /// What Procore answered to a call made on the person's authority.
    ///
    /// # Errors
    /// What it refused. Where it does not accept the token any more, the session is over, and removed.
    pub async fn heard<T>(&self, answer: Result<T, ProcoreError>) -> Result<T, Problem> {
        if matches!(answer, Err(ProcoreError::Unauthorized)) {
            self.sessions.table.end_session(&self.hash).await?;
        }
        answer.map_err(Problem::from)
    }

    async fn token(&self) -> Result<&AccessToken, Problem> {
        self.token.get_or_try_init(|| self.open_or_refresh()).await
    }

    /// The access token, refreshed where it has run out.
    async fn open_or_refresh(&self) -> Result<AccessToken, Problem> {
        let Sessions { procore, envelope, .. } = self.sessions;
        let kept = self.session.record.tokens.clone();
        match tokens::access(procore, envelope, &place(&self.hash), self, kept).await {
            Ok(access) => Ok(access),
            Err(TokensError::Gone) => Err(Problem::not_signed_in(say!("problem-not-signed-in-detail-ended"))),
            // Lost or revoked, it is the same to a person who is here to sign in again.
            Err(TokensError::Refused | TokensError::RefusedAfterLoss) => {
                self.sessions.table.end_session(&self.hash).await?;
                Err(Problem::not_signed_in(say!("problem-not-signed-in-detail-procore")))
            }
            Err(TokensError::Procore(error)) => Err(error.into()),
            Err(error) => Err(Problem::internal(error)),
        }
    }
}

impl Keeper for SignedIn<'_> {
    async fn reread(&self) -> Result<Option<KeptTokens>, TableError> {
        let session = self.sessions.table.session(&self.hash, Timestamp::now()).await?;
        Ok(session.map(|session| session.record.tokens))
    }

    async fn begin_refresh(&self, version: u64, now: Timestamp, until: Timestamp) -> Result<Turn, TableError> {
        let table = &self.sessions.table;
        table.begin_session_refresh(&self.hash, version, now, until).await
    }

    async fn store(&self, tokens: &KeptTokens) -> Result<bool, TableError> {
        self.sessions.table.store_session_tokens(&self.hash, tokens).await
    }
}

/// Says of a project that the person cannot see the same as of one that is not there.
fn seen(access: AdminAccess) -> Result<AdminAccess, Problem> {
    let is_seen = access.sees_project();
    is_seen
        .then_some(access)
        .ok_or_else(|| Problem::not_found(say!("thing-project")))
}

impl<'a> Admin<'a> {
    /// Lets somebody in whose access is an admin's.
    fn with(access: AdminAccess, who: SignedIn<'a>, project: ProjectId) -> Result<Self, Problem> {
        let admin = access.is_admin().then_some(Self { who, project });
        admin.ok_or_else(Problem::not_admin)
    }
}

impl Admin<'_> {
    /// Opens the project: the person gets its mails from now on. When it is opened for the first time it gets its code.
    ///
    /// For what is `POST`ed from a page of ours alone: another site can have a browser `GET` whatever it likes. See
    /// [`Self::seen`].
    ///
    /// # Errors
    /// 409 when the project is not active any more, and it is not known yet.
    pub async fn opened(&self) -> Result<ProjectRecord, Problem> {
        let table = &self.who.sessions.table;
        let known = match self.seen().await? {
            (project, Some(code)) => ProjectRecord { project, code },
            (project, None) => table.open_project(&project).await?,
        };
        // Dies here: the project has its code, and the person gets its mails from the next opening on.
        self.who.remember_opening(self.project).await?;
        Ok(known)
    }

    /// The project as it is, with its code where it has one. Changes nothing. A project that nobody has opened yet is asked
    /// of Procore, with one call.
    ///
    /// # Errors
    /// 409 when the project is not active any more, and it is not known yet.
    pub async fn seen(&self) -> Result<(Project, Option<ConnectionCode>), Problem> {
        if let Some(known) = self.who.sessions.table.project(self.project).await? {
            return Ok((known.project, Some(known.code)));
        }
        let procore = self.who.procore();
        let company = self.who.company_of(self.project).await?;
        let company = company.ok_or_else(|| Problem::not_found(say!("thing-project")))?;
        let seen = self
            .who
            .heard(
                procore
                    .project(self.who.authority().await?, company, self.project)
                    .await,
            )
            .await?;
        if !seen.active {
            return Err(Problem::new(
                StatusCode::CONFLICT,
                "project-inactive",
                say!("problem-project-inactive-title"),
                say!("problem-project-inactive-detail"),
            ));
        }
        Ok((seen.project, None))
    }

    /// A connection of the project, with the side that the project is on.
    ///
    /// # Errors
    /// 404 when the project has no such connection.
    pub async fn connection(&self, id: ConnectionId) -> Result<(Connection, Side), Problem> {
        let found = self.who.sessions.table.connection(self.project, id).await?;
        let found = found.and_then(|found| found.side_of(self.project).map(|side| (found, side)));
        found.ok_or_else(|| Problem::not_found(say!("thing-connection")))
    }

    /// Changes a connection of the project, as often as it takes to be the one whose change is written: where somebody else
    /// changes something at the same time, both changes are made, one after the other. `from`: the connection as it was read.
    ///
    /// # Errors
    /// What `decide` says, or the connection's refusal, of how it stands; 409 where somebody else was faster each time.
    pub async fn change(
        &self,
        from: (Connection, Side),
        decide: impl Fn(&Connection, Side) -> Result<Change, Problem>,
    ) -> Result<Changed, Problem> {
        let (mut before, mut side) = from;
        for _ in 0..CHANGE_TRIES {
            let now = Timestamp::now();
            let after = before
                .change(side, decide(&before, side)?, self.who.person(), now)
                .map_err(|refusal| Problem::refused(&refusal, now))?;
            let table = &self.who.sessions.table;
            if table
                .replace_connection(&before, &after, ExtraWrites::default())
                .await?
            {
                return Ok(Changed { before, after, side });
            }
            (before, side) = self.connection(before.id).await?;
        }
        Err(Problem::changed_meanwhile())
    }

    /// Somebody else has changed a connection first: the problem, with how it stands now.
    pub async fn beaten(&self, id: ConnectionId) -> Problem {
        match self.connection(id).await {
            Ok((present, side)) => Problem::changed_meanwhile().with("connection_status", present.status(side)),
            Err(problem) => problem,
        }
    }
}

fn too_many_unseen(until: Timestamp, now: Timestamp) -> Problem {
    Problem::too_many(
        "too-many-projects",
        say!("problem-too-many-projects-title"),
        say!("problem-too-many-projects-detail"),
        until,
        now,
    )
}

fn place(hash: &str) -> String {
    format!("session/{hash}")
}

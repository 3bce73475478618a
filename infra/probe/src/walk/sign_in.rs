//! Tokens, what Procore says without a company or without the app, and limits.

use super::Walk;
use crate::{
    procore::{Answer, As},
    report::{Assumption, Verdict},
};

const WRONG_SECRET: Assumption = Assumption {
    name: "a wrong client secret",
    expected: "400 or 401 with invalid_client",
    consequence: "our own fault would be taken for the end of people's access",
};
const TOKEN_LIFE: Assumption = Assumption {
    name: "the life of a token",
    expected: "5400 seconds",
    consequence: "none for calls: what `expires_in` says is obeyed",
};
const HEADER: Assumption = Assumption {
    name: "a call without Procore-Company-Id",
    expected: "refused with 400",
    consequence: "none: it is sent with every call; the stand-in is too strict",
};
const COMPANY_ID: Assumption = Assumption {
    name: "a project without the query company_id",
    expected: "refused",
    consequence: "none: it is sent; the stand-in is too strict",
};
const NO_APP: Assumption = Assumption {
    name: "a company without the app",
    expected: "401 or 403",
    consequence: "a removed app is not told from a project that is gone",
};
const LIMITS: Assumption = Assumption {
    name: "X-Rate-Limit-Limit, -Remaining and -Reset",
    expected: "three whole numbers with every answer",
    consequence: "each limit is learnt by a refused call, and Procore watches an app's share of those",
};

impl Walk<'_> {
    /// Has the service account sign in.
    pub(super) async fn sign_in(&mut self, secret: &str) -> Result<(), String> {
        let wrong = self.token_for("not-the-secret").await?;
        let is_ours = matches!(wrong.status, 400 | 401) && wrong.body["error"] == "invalid_client";
        let found = format!("status {} with {}", wrong.status, wrong.body["error"]);
        self.report.check(WRONG_SECRET, is_ours, found);

        let signed_in = self.token_for(secret).await?;
        let Some(token) = signed_in.body["access_token"].as_str() else {
            let status = signed_in.in_words();
            return Err(format!("There is no token for this client id and secret: {status}."));
        };
        self.procore.sign_in(token);
        let life = signed_in.body["expires_in"].as_u64();
        self.report.check(
            TOKEN_LIFE,
            life == Some(5_400),
            format!("{} seconds", signed_in.body["expires_in"]),
        );
        self.procore.get(As::App, "/oauth/token/info", &[]).await?;

        let rfis = self.procore.in_project("rfis");
        let headless = self.procore.get(As::AppWithoutCompany, &rfis, &[]).await?;
        self.report.check(HEADER, headless.status == 400, headless.in_words());
        let project = format!("/rest/v1.0/projects/{}", self.procore.project);
        let nameless = self.procore.get(As::App, &project, &[]).await?;
        self.report
            .check(COMPANY_ID, nameless.status >= 400, nameless.in_words());
        let limited = self.procore.get(As::App, &rfis, &[("per_page", "1")]).await?;
        if !limited.is_success() {
            let said = limited.in_words();
            return Err(format!(
                "The app may not read the project's RFIs: {said}. Install it, permit the project, and give it RFIs: Admin."
            ));
        }
        self.limits(&limited);
        match self.arguments.foreign_company {
            Some(foreign) => {
                let company = foreign.to_string();
                let query = [("company_id", company.as_str())];
                let refused = self
                    .procore
                    .get(As::AppIn(foreign), "/rest/v1.0/projects", &query)
                    .await?;
                let as_published = matches!(refused.status, 401 | 403);
                self.report.check(NO_APP, as_published, refused.in_words());
            }
            None => self
                .report
                .add(NO_APP, Verdict::Untried("no --foreign-company was given".to_owned())),
        }
        Ok(())
    }

    async fn token_for(&mut self, secret: &str) -> Result<Answer, String> {
        let form = vec![
            ("grant_type", "client_credentials".to_owned()),
            ("client_id", self.arguments.client_id.clone()),
            ("client_secret", secret.to_owned()),
        ];
        self.procore.oauth("/oauth/token", form).await
    }

    fn limits(&mut self, answer: &Answer) {
        let names = ["x-rate-limit-limit", "x-rate-limit-remaining", "x-rate-limit-reset"];
        let is_number = |name: &&str| answer.header(name).is_some_and(|text| text.parse::<u64>().is_ok());
        let odd: Vec<&str> = names.into_iter().filter(|name| !is_number(name)).collect();
        let found = format!("missing, or no number: {}", odd.join(", "));
        self.report.check(LIMITS, odd.is_empty(), found);
    }
}

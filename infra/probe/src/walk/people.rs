//! Who and what there is: people, companies, projects, permissions, places.

use super::Walk;
use crate::{
    procore::As,
    report::{Assumption, Verdict},
};

const NAME: Assumption = Assumption {
    name: "/me with the company",
    expected: "has a name",
    consequence: "people are shown by their address",
};
const ADMIN_TOOL: Assumption = Assumption {
    name: "the Admin tool in a project's permissions",
    expected: "is called `admin`",
    consequence: "nobody is taken for a project's admin, and nobody can connect",
};
const PAGE_SIZE: Assumption = Assumption {
    name: "per_page=2000",
    expected: "is obeyed (Per-Page says so)",
    consequence: "long lists take more calls than the sweep reckons with",
};
const TOTAL: Assumption = Assumption {
    name: "a list's Total",
    expected: "the number of its entries",
    consequence: "a list that was cut short cannot be told from a whole one",
};

impl Walk<'_> {
    pub(super) async fn people(&mut self) -> Result<(), String> {
        let (company, project) = (self.procore.company.to_string(), self.procore.project.to_string());
        let in_company = [("company_id", company.as_str())];
        let me = self.procore.get(As::App, "/rest/v1.0/me", &in_company).await?;
        let name = me.body["name"].as_str().unwrap_or_default();
        self.report.check(NAME, !name.is_empty(), me.in_words());
        self.procore.get(As::App, "/rest/v1.0/companies", &[]).await?;
        self.procore.get(As::App, "/rest/v1.0/projects", &in_company).await?;
        let one = format!("/rest/v1.0/projects/{project}");
        let shown = self.procore.get(As::App, &one, &in_company).await?;
        if !shown.is_success() {
            return Err(format!("The app does not see the project: {}.", shown.in_words()));
        }
        let tools = self
            .procore
            .get(As::App, "/rest/v1.0/settings/permissions", &[("project_id", &project)])
            .await?;
        let names = tools.body["tools"].as_array().into_iter().flatten();
        let has_admin = names.clone().any(|tool| tool["name"] == "admin");
        let found = format!("{}, {} tools, none of that name", tools.in_words(), names.count());
        self.report.check(ADMIN_TOOL, has_admin, found);
        let users = self.procore.in_project("users");
        let long = [("per_page", "2000")];
        self.procore.get(As::App, &users, &long).await?;
        let rfis = self.procore.in_project("rfis");
        let listed = self.procore.get(As::App, &rfis, &long).await?;
        let size = listed.header("per-page").unwrap_or("nothing");
        self.report
            .check(PAGE_SIZE, size == "2000", format!("Per-Page is {size}"));
        let total = listed.header("total").and_then(|text| text.parse::<usize>().ok());
        let entries = listed.entries().len();
        match total {
            Some(total) if entries == 2_000 => {
                let why = format!("the project has {total} RFIs: more than a page");
                self.report.add(TOTAL, Verdict::Untried(why));
            }
            total => {
                let found = total.map_or_else(
                    || "no Total".to_owned(),
                    |total| format!("{total} for {entries} entries"),
                );
                self.report.check(TOTAL, total == Some(entries), found);
            }
        }
        let locations = self.procore.in_project("locations");
        self.procore.get(As::App, &locations, &[]).await?;
        Ok(())
    }
}

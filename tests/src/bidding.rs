//! Companies whose projects are out for bids, with plans; and estimators in front of a browser.

use jiff::{Timestamp, ToSpan};
use reqwest::Method;
use serde_json::{Value, json};

use crate::{Browser, Company, Project, Scripts, Stand};

/// Sheets of a project: number, title, discipline and area.
const SHEETS: [(&str, &str, &str, &str); 10] = [
    ("G-001", "Cover sheet and drawing index", "General", "Tower"),
    ("A-101", "Level 1 floor plan", "Architectural", "Tower"),
    ("A-102", "Level 2 floor plan", "Architectural", "Tower"),
    ("A-201", "Exterior elevations", "Architectural", "Tower"),
    ("S-101", "Foundation plan", "Structural", "Tower"),
    ("S-102", "Level 1 framing plan", "Structural", "Tower"),
    ("S-401", "Pile plan", "Structural", "Pier"),
    ("E-101", "Level 1 power plan", "Electrical", "Tower"),
    ("E-401", "Pier lighting plan", "Electrical", "Pier"),
    ("M-101", "Level 1 mechanical plan", "Mechanical", "Tower"),
];

const SECTIONS: [(&str, &str); 3] = [
    ("03 30 00", "Cast-in-Place Concrete"),
    ("05 12 00", "Structural Steel Framing"),
    ("09 91 23", "Interior Painting"),
];

const FILES: [(&str, &str); 3] = [
    ("Instructions to bidders.pdf", "02 Bid Documents"),
    ("Addendum 1.pdf", "02 Bid Documents > Addenda"),
    ("Geotechnical report.pdf", "03 Reports > Geotechnical"),
];

impl Stand {
    /// A company with an admin who may make webhooks, a reader, and projects without plans.
    pub async fn bidding(&self, name: &str, admin: &str, projects: &[&str]) -> Company {
        let projects: Vec<Value> = projects.iter().map(|project| json!({"name": project})).collect();
        self.make_company(json!({
            "name": name,
            "projects": projects,
            "people": [
                {"name": admin, "level": "admin", "company_admin": true, "levels": {"webhooks_api": "standard"}},
                {"name": "Rita Reader", "level": "read_only"},
            ],
        }))
        .await
    }

    /// Publishes ten sheets, of which one has a former revision and one is obsolete, three sections, three files, and bid
    /// packages that are due in so many days.
    pub async fn publish_a_bid_set(&self, company: &Company, project: &Project, due_in_days: &[(&str, i64)]) {
        for (number, title, discipline, area) in SHEETS {
            let sheet = json!({"number": number, "title": title, "discipline": discipline, "area": area, "revision": "0",
                "set": "Bid Set", "drawing_date": "2026-03-02"});
            let made = self.publish(company, project, "drawing", sheet).await;
            if number == "S-102" {
                let drawing = made["drawing_id"].as_u64().unwrap_or_else(|| panic!("{made}"));
                let path = format!("/projects/{}/drawings/{drawing}", project.id);
                let obsolete = json!({"login": company.people[0].0, "drawing": {"obsolete": true}});
                self.side_door(Method::PATCH, &path, obsolete).await;
            }
        }
        let revised = json!({"number": "S-101", "revision": "1", "set": "Addendum 1", "drawing_date": "2026-04-13"});
        self.publish(company, project, "drawing", revised).await;
        for (number, description) in SECTIONS {
            let section =
                json!({"number": number, "description": description, "revision": "0", "issued_date": "2026-03-02"});
            self.publish(company, project, "specification_section", section).await;
        }
        for (name, folder) in FILES {
            let file = json!({"name": name, "folder": folder});
            self.publish(company, project, "file", file).await;
        }
        for (title, days) in due_in_days {
            let due = Timestamp::now() + (days * 24).hours();
            let package = json!({"title": title, "bid_due_date": due.strftime("%Y-%m-%dT17:00:00Z").to_string()});
            self.publish(company, project, "bid_package", package).await;
        }
    }
}

impl Browser {
    /// The window of somebody who has just signed in to a new estimating account, and the address of it.
    pub async fn estimator(stand: &Stand, name: &str, scripts: Scripts) -> (Self, String) {
        let email = stand.new_email(name);
        let asked = stand.elsewhere().stranger();
        let asked = asked.post("/api/sign-in", json!({"email": email})).await.expect(202);
        let browser = Self::open(stand, scripts).await;
        browser.go(&stand.link_mailed_to(&email).await).await;
        // It was asked for elsewhere.
        browser.fill("Code", asked["code"].as_str().unwrap()).await;
        browser.press("Sign in").await;
        browser.sees("App Integrations").await;
        (browser, email)
    }

    /// Connects the account to a login in Procore, from App Integrations. Whether that is let in is not looked at.
    pub async fn connect(&self, login: &str) {
        self.go("/estimating/integrations").await;
        self.follow("Connect").await;
        self.choose_in_procore(login).await;
        self.see_element("//h1").await;
        // What Procore's pages complain of is not ours.
        self.complaints().await;
    }

    /// Has the run that was begun come to its end.
    pub async fn sees_everything_copied(&self) {
        self.see_element("//article[@id='run']//h2[.='Up to date']").await;
    }
}

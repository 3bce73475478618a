//! A walk over all that is asked of Procore, on a sandbox that takes and gives only what the contract describes.
//!
//! Adding a call without describing it fails, wherever a test makes it; describing one that nobody makes fails here.

use std::time::Duration;

use gusset_domain::{
    ids::{CompanyId, ItemId, ProjectId},
    items::{Item, ItemCopy, Prepared, attachment::FileName},
    marker::Reference,
    offered::Stretch,
    people::Project,
    send::Tool,
};
use jiff::{Timestamp, civil::Date};
use reqwest::Method;
use serde_json::{Value, json};
use tokio::time::Instant;

use super::{
    AccessToken, Authority, Calls, Fetched, Watch, Work,
    at_sandbox::{GINA, Place},
};
use crate::{chance, spool::Spooling};

fn project() -> Project {
    Project {
        id: ProjectId::new(20001).unwrap(),
        name: "Pier 9 Tower".to_owned(),
        company_id: CompanyId::new(1001).unwrap(),
        company_name: "Harbour General Contractors".to_owned(),
    }
}

#[tokio::test]
async fn everything_that_is_described_is_called_and_nothing_else_is() {
    let place = Place::new().await;
    let limits = json!({"spike": 10_000, "hour": 10_000});
    place.side(Method::PUT, "limits", limits).await;
    let token = sign_in(&place).await;
    people(&place, &token).await;
    items(&place).await;
    plans(&place, &token).await;
    webhooks(&place).await;
    // Last, since nothing works with it any more.
    place.procore.revoke(&token).await.unwrap();

    let met = place.side(Method::GET, "contract", json!({})).await;
    assert_eq!(met["strict"], true);
    assert_eq!(
        met["differences"],
        json!([]),
        "what is asked and answered is as described"
    );
    let uncalled: Vec<&str> = met["uncalled"]
        .as_array()
        .unwrap()
        .iter()
        .filter_map(Value::as_str)
        .collect();
    assert_eq!(uncalled, [""; 0], "what is described is called");
}

/// The page, a code, a refresh, and whether the token is good.
async fn sign_in(place: &Place) -> AccessToken {
    let procore = &place.procore;
    let (redirect, verifier) = ("http://localhost:3000/callback", chance::secret().unwrap());
    let address = procore.sign_in_url(redirect, "state", &chance::hash(&verifier));
    assert_eq!(place.browse(address.clone()).await, 200);
    let code = place.consent(address, GINA).await;
    let tokens = procore
        .exchange(&code, redirect, &verifier, Timestamp::now())
        .await
        .unwrap();
    let tokens = procore.refresh(&tokens.refresh, Timestamp::now()).await.unwrap();
    procore.is_accepted(&tokens.access).await.unwrap();
    tokens.access
}

async fn people(place: &Place, token: &AccessToken) {
    let (procore, person, project) = (&place.procore, Authority::Person(token), project());
    let (company, id) = (project.company_id, project.id);
    procore.me(person).await.unwrap();
    procore.me_in(Authority::ServiceAccount, company).await.unwrap();
    let companies = procore.companies(person).await.unwrap();
    procore.projects_of(person, &companies[0]).await.unwrap();
    procore.project(person, company, id).await.unwrap();
    procore.admin_access(person, company, id).await.unwrap();
    procore.company_admin_access(person, company).await.unwrap();
    procore.likely_admins(person, company, id).await.unwrap();
    procore.addresses_in_project(person, company, id).await.unwrap();
    procore.potential_rfi_managers(person, company, id).await.unwrap();
}

/// Items and their copies, within one project.
async fn items(place: &Place) {
    let (procore, project, calls) = (&place.procore, project(), Calls::default());
    let (company, id) = (project.company_id, project.id);
    let work = Work {
        calls: &calls,
        answers: None,
    };
    let today = Timestamp::now().to_zoned(jiff::tz::TimeZone::UTC).date();
    let days: (Date, Date) = (today.yesterday().unwrap(), today);
    let since = Timestamp::now() - Duration::from_secs(86_400);
    let rfis = procore.rfis_since(work, company, id, since).await.unwrap();
    let hours = procore.working_hours_of(work, company, id, days).await.unwrap();
    let notes = procore.notes_of(work, company, id, days).await.unwrap();
    let locations = procore.locations(work, company, id).await.unwrap();
    let sections = procore.specification_sections(work, company, id).await.unwrap();
    procore.day_is_closed(company, id, today).await.unwrap();
    let managers = procore.potential_rfi_managers(Authority::ServiceAccount, company, id);
    let manager = managers.await.unwrap()[0].person.id;

    let mut spooling = Spooling::new().unwrap();
    spooling.write(b"%PDF").unwrap();
    let fetched = Fetched {
        file: spooling.finish(),
        content_type: "application/pdf".to_owned(),
    };
    let (name, until) = (FileName::nearest("plan.pdf"), Instant::now() + Duration::from_secs(60));
    let (authority, place) = (Authority::ServiceAccount, (company, id));
    let filled = procore
        .fill_upload(authority, company, id, &name, &fetched, until)
        .await;
    let filled = filled.unwrap_or_else(|error| panic!("{error:?}"));
    let completed = procore.complete_upload(authority, company, id, &filled, until).await;
    completed.unwrap_or_else(|error| panic!("{error:?}"));
    let ready = Prepared {
        uploads: vec![filled.id],
        location: Some(locations[0].id),
        specification_section: Some(sections[0].id),
        ..Prepared::default()
    };
    for (tool, listed) in [(Tool::Rfis, rfis), (Tool::WorkingHours, hours), (Tool::Notes, notes)] {
        let stretch = Stretch::Days(days.0, days.1);
        let listed_again = procore.items_in(Authority::ServiceAccount, &project, tool, stretch);
        assert!(!listed_again.await.unwrap().is_empty());
        let item: ItemId = listed.entries[0].item.id();
        let item = procore
            .item(Authority::ServiceAccount, company, id, tool, item)
            .await
            .unwrap();
        let reference = Reference::of(id, id, tool, item.id(), 0);
        let copy = item
            .addressed(Some(manager))
            .unwrap()
            .copy(&project, &reference, &ready);
        let created = match &copy {
            ItemCopy::Rfi(rfi) => Item::Rfi(procore.create_rfi(company, id, rfi).await.unwrap()),
            ItemCopy::WorkingHours(hours) => {
                Item::WorkingHours(procore.create_working_hours(company, id, hours).await.unwrap())
            }
            ItemCopy::Note(note) => Item::Note(procore.create_note(company, id, note).await.unwrap()),
        };
        let shown = match tool {
            Tool::Rfis => created,
            Tool::WorkingHours | Tool::Notes => {
                let added = procore
                    .add_file(authority, place, &created, &name, &fetched, until)
                    .await;
                let added = added.unwrap_or_else(|error| panic!("{error:?}"));
                procore.write_comment(authority, place, &added, "Slab").await.unwrap()
            }
        };
        let files: Vec<&str> = shown.attachments().iter().map(|file| file.name.as_str()).collect();
        assert_eq!(files, ["plan.pdf"], "{tool:?}");
    }
}

async fn plans(place: &Place, token: &AccessToken) {
    let (procore, project, person) = (&place.procore, project(), Authority::Background(token));
    let (company, id) = (project.company_id, project.id);
    let expected = place.expected().await;
    let first = |kind: &str| expected[kind][0]["id"].as_u64().unwrap();
    procore.drawings(person, company, id).await.unwrap();
    let revision = first("drawing_revisions");
    procore.drawing_revision(person, company, id, revision).await.unwrap();
    procore.specifications(person, company, id).await.unwrap();
    let revision = first("specification_section_revisions");
    procore
        .specification_revision(person, company, id, revision)
        .await
        .unwrap();
    procore.documents(person, company, id).await.unwrap();
    let (file, version) = (first("files"), &expected["files"][0]["file_versions"][0]["id"]);
    let version = procore.document_version(person, company, id, file, version.as_u64().unwrap());
    version.await.unwrap();
    procore.bid_packages(person, company, id).await.unwrap();
}

async fn webhooks(place: &Place) {
    let (procore, project, destination) = (&place.procore, project(), "https://gusset.example/hook");
    for watch in [
        Watch::on_items(&project),
        Watch::on_plans(Authority::ServiceAccount, &project),
    ] {
        let offer = procore.offer(watch).await.unwrap();
        procore
            .create_hook(watch, &offer, destination, "Bearer secret")
            .await
            .unwrap();
        let hook = procore.hooks(watch).await.unwrap().remove(0);
        // The second time as if nobody knew that the triggers are there.
        for offer in [Some(offer), None] {
            let refused = procore.complete_triggers(watch, &hook, offer).await.unwrap();
            assert!(refused.is_empty(), "{refused:?}");
        }
        procore
            .give_hook_secret(watch, &hook.id, "Bearer another")
            .await
            .unwrap();
        procore.delete_hook(watch, &hook.id).await.unwrap();
    }
    let on = json!({"project_id": project.id, "on": true});
    place.side(Method::PUT, "webhooks/v1", on).await;
    let former = json!({"project_id": project.id, "hook": {
        "api_version": "v2", "namespace": "gusset", "destination_url": destination,
    }});
    place
        .make(project.company_id, "/rest/v1.0/webhooks/hooks", former)
        .await;
    let removed = procore.remove_former_hooks(Watch::on_items(&project), destination, None);
    assert_eq!(removed.await, Ok(1));
}

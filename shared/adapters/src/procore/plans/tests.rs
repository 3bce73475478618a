//! Listings of the sandbox's demo projects, over HTTP.

use std::time::Duration;

use gusset_domain::{
    admin::AccessLevel,
    ids::{CompanyId, ProjectId},
};
use reqwest::Method;
use serde_json::{Value, json};
use tokio::time::Instant;

use super::{
    super::{
        AccessToken, Authority, FileError, ListingCache, ProcoreError,
        at_sandbox::{GINA, Place, RITA},
    },
    Listed,
};

fn harbour() -> (CompanyId, ProjectId) {
    (CompanyId::new(1001).unwrap(), ProjectId::new(20001).unwrap())
}

fn whole<T>(listed: Listed<T>) -> Vec<T> {
    match listed {
        Listed::Whole(all) => all,
        Listed::Partial(_) => panic!("it is not whole"),
        Listed::ToolClosed => panic!("the tool is closed"),
    }
}

fn part<T>(listed: Listed<T>) -> Vec<T> {
    match listed {
        Listed::Partial(some) => some,
        Listed::Whole(_) => panic!("it is whole"),
        Listed::ToolClosed => panic!("the tool is closed"),
    }
}

fn ids(list: &Value) -> Vec<u64> {
    let mut ids: Vec<u64> = list
        .as_array()
        .unwrap()
        .iter()
        .map(|one| one["id"].as_u64().unwrap())
        .collect();
    ids.sort_unstable();
    ids
}

#[tokio::test]
async fn all_drawings_are_listed_with_all_revisions_and_where_they_are() {
    let place = Place::new().await;
    let (company, project) = harbour();
    let token = place.token(GINA).await;
    place
        .side(Method::PUT, "limits", json!({"spike": 10_000, "hour": 10_000}))
        .await;
    let listed = place
        .procore
        .drawings(Authority::Background(&token), company, project)
        .await;
    let drawings = whole(listed.unwrap());
    assert_eq!(drawings.len(), 28);
    assert_eq!(drawings.iter().filter(|drawing| drawing.obsolete).count(), 1);
    let mut found: Vec<u64> = drawings
        .iter()
        .flat_map(|drawing| &drawing.revisions)
        .map(|one| one.id)
        .collect();
    found.sort_unstable();
    assert_eq!(found, ids(&place.expected().await["drawing_revisions"]));
    for drawing in &drawings {
        let current = drawing
            .revisions
            .iter()
            .find(|one| Some(one.id) == drawing.current)
            .unwrap();
        assert!(current.address.is_some() && current.size.is_some() && current.thumbnail.is_some());
        assert!(current.set.is_some() && current.issued_on.is_some() && drawing.discipline.is_some());
        let fresh = place
            .procore
            .drawing_revision(Authority::Background(&token), company, project, current.id);
        assert_eq!(fresh.await.unwrap().address, current.address);
    }
    // Two areas, the sets, and two calls an area; then one for each drawing.
    assert_eq!(place.procore.calls(), 6 + 28);
}

#[tokio::test]
async fn all_sections_and_documents_are_listed_as_the_login_sees_them() {
    let place = Place::new().await;
    let (company, project) = harbour();
    place
        .side(Method::PUT, "limits", json!({"spike": 10_000, "hour": 10_000}))
        .await;
    let expected = place.expected().await;
    let token = place.token(GINA).await;
    let authority = Authority::Background(&token);
    let sections = whole(place.procore.specifications(authority, company, project).await.unwrap());
    let mut found: Vec<u64> = sections
        .iter()
        .flat_map(|one| &one.revisions)
        .map(|one| one.id)
        .collect();
    found.sort_unstable();
    assert_eq!(found, ids(&expected["specification_section_revisions"]));
    let concrete = sections
        .iter()
        .find(|one| one.number.as_deref() == Some("03 30 00"))
        .unwrap();
    assert_eq!(concrete.current, concrete.revisions.last().map(|last| last.id));
    assert!(concrete.division.is_some() && concrete.title.is_some());
    let last = concrete.current.unwrap();
    let fresh = place
        .procore
        .specification_revision(authority, company, project, last)
        .await
        .unwrap();
    let listed = concrete.revisions.last().unwrap();
    assert_eq!((fresh.id, fresh.address), (listed.id, listed.address.clone()));

    let documents = whole(place.procore.documents(authority, company, project).await.unwrap());
    let found: Vec<u64> = documents.iter().map(|one| one.id).collect();
    assert_eq!(found, ids(&expected["files"]));
    let private = documents
        .iter()
        .filter(|one| one.folders.first().is_some_and(|folder| folder == "01 Contract"));
    assert!(private.count() > 0);
    let file = &documents[0];
    let version = file.current.unwrap();
    let fresh = place
        .procore
        .document_version(authority, company, project, file.id, version)
        .await
        .unwrap();
    assert_eq!(Some(&fresh), file.revisions.last());
    let gone = place
        .procore
        .document_version(authority, company, project, file.id, 1)
        .await;
    assert_eq!(gone, Err(ProcoreError::NotFound));

    let reader = place.token(RITA).await;
    let seen = whole(
        place
            .procore
            .documents(Authority::Background(&reader), company, project)
            .await
            .unwrap(),
    );
    assert!(seen.len() < documents.len());
    assert!(
        seen.iter()
            .all(|one| one.folders.first().is_none_or(|folder| folder != "01 Contract"))
    );
}

#[tokio::test]
async fn bids_companies_and_projects_are_listed() {
    let place = Place::new().await;
    let (company, project) = harbour();
    let token = place.token(GINA).await;
    let authority = Authority::Background(&token);
    let packages = whole(place.procore.bid_packages(authority, company, project).await.unwrap());
    assert_eq!(packages.iter().filter(|package| package.due_at.is_some()).count(), 3);
    assert_eq!(packages.len(), 4);
    let companies = place.procore.companies(authority).await.unwrap();
    assert_eq!(companies.iter().map(|one| one.id).collect::<Vec<_>>(), [company]);
    let projects = place.procore.projects_of(authority, &companies[0]).await.unwrap();
    assert_eq!(projects.len(), 2);
    let access = place.procore.company_admin_access(authority, company).await;
    assert_eq!(access, Ok(AccessLevel::Admin));
    let reader = place.token(RITA).await;
    let access = place
        .procore
        .company_admin_access(Authority::Background(&reader), company)
        .await;
    assert_eq!(access, Ok(AccessLevel::None));
}

#[tokio::test]
async fn a_closed_tool_is_not_an_empty_one() {
    let place = Place::new().await;
    let (company, project) = harbour();
    let token = place.token(RITA).await;
    let authority = Authority::Background(&token);
    let closed = json!({"project_id": 20001, "level": "none"});
    place
        .side(Method::PUT, &format!("people/{RITA}/permissions"), closed)
        .await;
    let procore = &place.procore;
    assert_eq!(
        procore.drawings(authority, company, project).await,
        Ok(Listed::ToolClosed)
    );
    assert_eq!(
        procore.specifications(authority, company, project).await,
        Ok(Listed::ToolClosed)
    );
    assert_eq!(
        procore.documents(authority, company, project).await,
        Ok(Listed::ToolClosed)
    );
    assert_eq!(
        procore.bid_packages(authority, company, project).await,
        Ok(Listed::ToolClosed)
    );
}

#[tokio::test]
async fn what_is_closed_or_goes_half_way_leaves_a_listing_that_is_not_whole() {
    let place = Place::new().await;
    let (company, project) = harbour();
    let token = place.token(GINA).await;
    let authority = Authority::Background(&token);
    let all = whole(place.procore.documents(authority, company, project).await.unwrap());
    place
        .fault(json!({"path": "/rest/v1.0/folders/*", "status": 404}))
        .await;
    let fewer = part(place.procore.documents(authority, company, project).await.unwrap());
    assert!(fewer.len() < all.len());
    place
        .fault(json!({"path": "/rest/v1.0/drawing_areas/*", "status": 403}))
        .await;
    let fewer = part(place.procore.drawings(authority, company, project).await.unwrap());
    assert!(!fewer.is_empty() && fewer.len() < 28);
}

#[tokio::test]
async fn a_list_that_does_not_add_up_is_read_again_and_then_is_not_whole() {
    let place = Place::new().await;
    let (company, project) = harbour();
    let token = place.token(GINA).await;
    place
        .side(Method::PUT, "limits", json!({"spike": 10_000, "hour": 10_000}))
        .await;
    let answers = ListingCache::none(jiff::Timestamp::now());
    let authority = Authority::Listing(&token, &answers);
    let short = |times| {
        json!({"path": "/rest/v1.1/projects/20001/bid_packages", "times": times, "status": 200, "body": [{"id": 5}],
            "headers": {"Total": "4"}})
    };
    place.fault(short(1)).await;
    assert_eq!(
        whole(place.procore.bid_packages(authority, company, project).await.unwrap()).len(),
        4
    );
    // Its second page is empty.
    assert_eq!(place.procore.calls(), 3);
    let answers = ListingCache::none(jiff::Timestamp::now());
    place.fault(short(100)).await;
    let authority = Authority::Listing(&token, &answers);
    assert_eq!(
        part(place.procore.bid_packages(authority, company, project).await.unwrap()).len(),
        1
    );
}

#[tokio::test]
async fn a_listing_leaves_a_fifth_to_others_and_goes_on_where_it_had_to_wait() {
    let place = Place::new().await;
    let (company, project) = harbour();
    let token = place.token(GINA).await;
    place
        .side(Method::PUT, "limits", json!({"company_id": 1001, "spike": 6}))
        .await;
    // Six calls, of which one is kept, and two areas with the sets take six.
    let laid_aside = ListingCache::none(jiff::Timestamp::now());
    let authority = Authority::Listing(&token, &laid_aside);
    let refused = place.procore.drawings(authority, company, project).await;
    assert!(
        matches!(refused, Err(ProcoreError::Wait(wait)) if wait <= Duration::from_secs(10)),
        "{refused:?}"
    );
    assert_eq!(laid_aside.count(), 5);
    place
        .side(Method::PUT, "limits", json!({"company_id": 1001, "spike": 6}))
        .await;
    // Another worker, which knows nothing of this one's pace.
    let other = place.another();
    let answers = ListingCache::read(&laid_aside.written(), jiff::Timestamp::now());
    let drawings = other
        .drawings(Authority::Listing(&token, &answers), company, project)
        .await;
    assert_eq!(whole(drawings.unwrap()).len(), 28);
    let calls = place
        .side(Method::GET, "calls?since=0&company_id=1001", json!({}))
        .await;
    let calls = calls["calls"].as_array().unwrap();
    assert!(calls.iter().all(|call| call["status"] == 200), "{calls:?}");
    assert_eq!(calls.len(), 6);
}

#[tokio::test]
async fn a_persons_file_is_fetched_with_the_persons_token_only() {
    let place = Place::new().await;
    let (company, project) = harbour();
    let token = place.token(GINA).await;
    let drawings = place
        .procore
        .drawings(Authority::Background(&token), company, project)
        .await;
    let drawings = whole(drawings.unwrap());
    let current = drawings[0].revisions.last().unwrap();
    let address = current.address.as_deref().unwrap();
    let until = Instant::now() + Duration::from_secs(20);
    let fetch = |token| {
        place
            .procore
            .fetch(Authority::Background(token), company, address, 1_000_000, until)
    };
    let fetched = fetch(&token).await.unwrap_or_else(|error| panic!("{error:?}"));
    assert_eq!(Some(fetched.file.size()), current.size);
    let expected = place.expected().await;
    let shown = expected["drawing_revisions"]
        .as_array()
        .unwrap()
        .iter()
        .find(|one| one["id"] == current.id);
    assert_eq!(shown.unwrap()["sha256"], fetched.file.sha256());
    let revoked = AccessToken::new("revoked".to_owned());
    let refused = fetch(&revoked).await.err();
    assert_eq!(refused, Some(FileError::Procore(ProcoreError::Unauthorized)));
    let listed = place
        .procore
        .drawings(Authority::Background(&revoked), company, project)
        .await;
    assert_eq!(listed, Err(ProcoreError::Unauthorized));
}

#[tokio::test]
async fn a_list_without_end_is_an_error_in_the_background() {
    let place = Place::new().await;
    let (company, project) = harbour();
    let token = place.token(GINA).await;
    place
        .side(Method::PUT, "limits", json!({"spike": 10_000, "hour": 10_000}))
        .await;
    let next = json!({
        "path": "/rest/v1.1/projects/20001/bid_packages", "times": 200, "status": 200, "body": [{"name": "odd"}],
        "headers": {"Link": format!("<{}/rest/v1.1/projects/20001/bid_packages?page=2>; rel=\"next\"", place.url)},
    });
    place.fault(next).await;
    let listed = place
        .procore
        .bid_packages(Authority::Background(&token), company, project)
        .await;
    assert!(matches!(listed, Err(ProcoreError::Unexpected { .. })), "{listed:?}");
    assert_eq!(place.procore.calls(), 100);
}

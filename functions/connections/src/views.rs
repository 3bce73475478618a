//! Views of a project's log, which each person saves and deletes for themselves.

use std::collections::BTreeMap;

use gusset_adapters::{
    http::{Answer, Incoming, Problem, Reply},
    sessions::Admin,
    table::Table,
};
use gusset_domain::activity::{MAX_VIEWS, NameError, Query, SavedView, SavedViews, ViewName};
use gusset_words::say;
use serde::Deserialize;
use serde_json::json;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Save {
    name: String,
    query: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Delete {
    name: String,
}

/// Saves a filter under a name, in the place of one of that name.
pub(crate) async fn save(table: &Table, incoming: &Incoming, admin: &Admin<'_>) -> Reply {
    incoming.same_origin()?;
    let asked: Save = incoming.body()?;
    let view = SavedView {
        name: name(&asked.name)?,
        query: query(&asked.query)?,
    };
    let user = admin.who.person().id;
    let saved = table.change_views(admin.project, user, |views| views.save(view.clone()));
    let saved = saved.await?.ok_or_else(|| {
        let detail = say!("problem-too-many-views-detail", most = MAX_VIEWS);
        Problem::conflict("too-many-views", say!("problem-too-many-views-title"), detail)
    })?;
    Ok(answer(&saved))
}

/// Deletes a view.
pub(crate) async fn delete(table: &Table, incoming: &Incoming, admin: &Admin<'_>) -> Reply {
    incoming.same_origin()?;
    let asked: Delete = incoming.body()?;
    let name = name(&asked.name)?;
    let user = admin.who.person().id;
    let deleted = table.change_views(admin.project, user, |views| {
        views.delete(&name);
        true
    });
    Ok(answer(&deleted.await?.unwrap_or_default()))
}

fn answer(views: &SavedViews) -> Answer {
    Answer::ok(json!({ "views": views }))
}

fn name(text: &str) -> Result<ViewName, Problem> {
    text.parse()
        .map_err(|error: NameError| Problem::bad_field("name", error.to_string()))
}

/// A filter as addresses have it, of nothing but what filters know.
fn query(text: &str) -> Result<String, Problem> {
    let parameters: BTreeMap<String, String> = url::form_urlencoded::parse(text.as_bytes()).into_owned().collect();
    let query = Query::of(|name| parameters.get(name).cloned())
        .map_err(|(field, why)| Problem::bad_field("query", format!("{field}: {why}")))?;
    let mut text = url::form_urlencoded::Serializer::new(String::new());
    text.extend_pairs(query.parameters());
    Ok(text.finish())
}

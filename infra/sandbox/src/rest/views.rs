//! The small objects that many answers contain.

use serde_json::{Value, json};

use crate::app::Addresses;
use crate::world::{Id, Project, World};

/// `{id, login, name}`
pub(super) fn person(world: &World, id: Id) -> Value {
    match world.people.get(&id) {
        Some(person) => json!({"id": person.id, "login": person.login, "name": person.name()}),
        None => Value::Null,
    }
}

pub(super) fn person_name(world: &World, id: Id) -> Option<String> {
    world.people.get(&id).map(crate::world::Person::name)
}

pub(super) fn people(world: &World, ids: &[Id]) -> Vec<Value> {
    ids.iter().map(|&id| person(world, id)).collect()
}

pub(super) fn location(project: &Project, id: Option<Id>) -> Value {
    let Some(location) = id.and_then(|id| project.locations.get(&id)) else {
        return Value::Null;
    };
    json!({
        "id": location.id,
        "name": project.location_name(location.id),
        "node_name": location.node_name,
        "parent_id": location.parent_id,
        "created_at": location.created_at,
        "updated_at": location.created_at,
    })
}

pub(super) fn attachments(world: &World, addresses: &Addresses, ids: &[Id]) -> Vec<Value> {
    let files = ids.iter().filter_map(|id| world.files.get(id));
    files
        .map(|file| {
            json!({
                "id": file.id,
                "name": file.name,
                "filename": file.name,
                "content_type": file.content_type,
                "url": super::files::url(&addresses.public, file),
            })
        })
        .collect()
}

/// Where a file is read, if there is one.
pub(super) fn file_url(world: &World, addresses: &Addresses, id: Option<Id>) -> Option<String> {
    let file = world.files.get(&id?)?;
    Some(super::files::url(&addresses.public, file))
}

/// In bytes.
pub(super) fn file_size(world: &World, id: Option<Id>) -> Option<u64> {
    world.files.get(&id?).map(crate::files::StoredFile::size)
}

/// Rich text without its tags.
pub(crate) fn plain_text(rich: &str) -> String {
    let mut spaced = String::with_capacity(rich.len());
    for part in rich.split_inclusive('>') {
        let lower = part.to_ascii_lowercase();
        let breaks = [
            "<br>", "<br/>", "<br />", "</p>", "</div>", "</li>", "</tr>", "</h1>", "</h2>", "</h3>",
        ];
        spaced.push_str(part);
        if breaks.iter().any(|tag| lower.ends_with(tag)) {
            spaced.push('\n');
        }
    }
    let bare = ammonia::Builder::empty().clean(&spaced).to_string();
    let decoded = bare
        .replace("&nbsp;", "\u{a0}")
        .replace("&lt;", "<")
        .replace("&gt;", ">")
        .replace("&quot;", "\"")
        .replace("&#39;", "'")
        .replace("&amp;", "&");
    decoded.trim().to_owned()
}

#[cfg(test)]
mod tests {
    use super::plain_text;

    #[test]
    fn plain_text_has_no_tags_and_keeps_lines() {
        assert_eq!(
            plain_text("<p>A &amp; B</p><p>C &lt; D<br>E</p><script>x()</script>"),
            "A & B\nC < D\nE"
        );
        assert_eq!(plain_text("no tags"), "no tags");
    }
}

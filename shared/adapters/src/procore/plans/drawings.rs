//! Drawings: a project's areas, the drawings in them, and the revisions of those.

use std::collections::{BTreeMap, HashMap};

use gusset_domain::ids::{CompanyId, ProjectId};
use jiff::{Timestamp, civil::Date};
use serde::Deserialize;

use super::{
    super::{Authority, Procore, ProcoreError, endpoint::Endpoint},
    Listed, RevisionListed, inner, lenient, open,
};

/// A drawing, with all its revisions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DrawingListed {
    /// Its id in Procore.
    pub id: u64,
    /// Its number: `A-101`.
    pub number: Option<String>,
    /// Its title.
    pub title: Option<String>,
    /// Its discipline: `Architectural`.
    pub discipline: Option<String>,
    /// The area that it is in.
    pub area: Option<String>,
    /// Whether it is marked as not valid any more.
    pub obsolete: bool,
    /// Which of the revisions is the current one: where Procore does not say, the one that was issued last.
    pub current: Option<u64>,
    /// All of them, the oldest first.
    pub revisions: Vec<RevisionListed>,
}

#[derive(Deserialize)]
struct Area {
    id: u64,
    #[serde(default, deserialize_with = "lenient::text")]
    name: Option<String>,
}

#[derive(Deserialize)]
struct Set {
    id: u64,
    #[serde(default, deserialize_with = "lenient::text")]
    name: Option<String>,
}

#[derive(Deserialize)]
struct Drawing {
    id: u64,
    #[serde(default, deserialize_with = "lenient::text")]
    number: Option<String>,
    #[serde(default, deserialize_with = "lenient::text")]
    title: Option<String>,
    #[serde(default, deserialize_with = "lenient::name")]
    discipline: Option<String>,
    #[serde(default, deserialize_with = "lenient::truth")]
    obsolete: bool,
    #[serde(default, deserialize_with = "inner::readable")]
    current_revision: Option<Revision>,
}

/// A revision, be it in a list of revisions or with its drawing. Of most of this the published description says nothing.
#[derive(Deserialize)]
struct Revision {
    #[serde(default, deserialize_with = "lenient::number")]
    id: Option<u64>,
    #[serde(default, deserialize_with = "lenient::number")]
    drawing_id: Option<u64>,
    #[serde(default, deserialize_with = "lenient::text")]
    revision_number: Option<String>,
    #[serde(default, deserialize_with = "lenient::number")]
    drawing_set_id: Option<u64>,
    #[serde(default, deserialize_with = "inner::id")]
    drawing_set: Option<u64>,
    #[serde(default, deserialize_with = "lenient::day")]
    drawing_date: Option<Date>,
    #[serde(default, deserialize_with = "lenient::day")]
    received_date: Option<Date>,
    #[serde(default, deserialize_with = "lenient::text")]
    pdf_url: Option<String>,
    #[serde(default, deserialize_with = "lenient::number")]
    pdf_size: Option<u64>,
    #[serde(default, deserialize_with = "lenient::text")]
    thumbnail_url: Option<String>,
    #[serde(default, deserialize_with = "lenient::moment")]
    updated_at: Option<Timestamp>,
}

impl Revision {
    /// What is listed of it. One without an id cannot be told from others, and is left out.
    fn listed(self, sets: &HashMap<u64, String>) -> Option<RevisionListed> {
        let set = self.drawing_set_id.or(self.drawing_set);
        Some(RevisionListed {
            id: self.id?,
            number: self.revision_number,
            set: set.and_then(|id| sets.get(&id).cloned()),
            issued_on: self.drawing_date,
            received_on: self.received_date,
            notes: None,
            address: self.pdf_url,
            size: self.pdf_size,
            thumbnail: self.thumbnail_url,
            changed_at: self.updated_at,
        })
    }
}

impl Procore {
    /// A project's drawings. A call for the areas, one for the sets, and two for each area: more where a list has more
    /// than a thousand entries. Revisions that nobody has reviewed are not among them: in Procore they are not published yet.
    ///
    /// What an area says of a drawing is asked for last: its current revision is then among the listed ones, even if it
    /// was published meanwhile.
    ///
    /// # Errors
    /// [`ProcoreError`].
    pub async fn drawings(
        &self,
        authority: Authority<'_>,
        company: CompanyId,
        project: ProjectId,
    ) -> Result<Listed<DrawingListed>, ProcoreError> {
        let areas_path = format!("/rest/v1.1/projects/{project}/drawing_areas");
        let Some(areas) = open(self.entries::<Area>(authority, company, &areas_path, &[]).await)? else {
            return Ok(Listed::ToolClosed);
        };
        let mut whole = areas.whole;
        let sets_path = format!("/rest/v1.0/projects/{project}/drawing_sets");
        // A set that is not listed has no name. What is in it is listed all the same.
        let sets = open(self.entries::<Set>(authority, company, &sets_path, &[]).await)?;
        let named = |set: Set| Some((set.id, set.name?));
        let sets: HashMap<u64, String> = sets.into_iter().flat_map(|sets| sets.all).filter_map(named).collect();
        let mut drawings = BTreeMap::new();
        for area in areas.all {
            let path = format!("/rest/v1.0/projects/{project}/drawing_revisions");
            let query = [
                ("drawing_area_id", area.id.to_string()),
                ("with_obsolete", "true".to_owned()),
            ];
            let revisions = open(self.entries::<Revision>(authority, company, &path, &query).await)?;
            let path = format!("/rest/v1.0/drawing_areas/{}/drawings", area.id);
            let query = [("project_id", project.to_string())];
            let found = open(self.entries::<Drawing>(authority, company, &path, &query).await)?;
            // What was closed or deleted just now is not known to be gone: the next listing says which.
            whole &= found.as_ref().is_some_and(|found| found.whole);
            let mut former: HashMap<u64, Vec<RevisionListed>> = HashMap::new();
            for revision in revisions.into_iter().flat_map(|revisions| revisions.all) {
                if let (Some(drawing), Some(revision)) = (revision.drawing_id, revision.listed(&sets)) {
                    former.entry(drawing).or_default().push(revision);
                }
            }
            for drawing in found.into_iter().flat_map(|found| found.all) {
                let former = former.remove(&drawing.id).unwrap_or_default();
                drawings.insert(drawing.id, combined(drawing, former, area.name.clone(), &sets));
            }
        }
        Ok(Listed::of(drawings.into_values().collect(), whole))
    }

    /// A drawing's revision as it is now, with an address that works now. One call; its set is given by its id, of which this
    /// call does not learn the name.
    ///
    /// # Errors
    /// [`ProcoreError::NotFound`], when it is gone.
    pub async fn drawing_revision(
        &self,
        authority: Authority<'_>,
        company: CompanyId,
        project: ProjectId,
        revision: u64,
    ) -> Result<RevisionListed, ProcoreError> {
        let path = format!("/rest/v1.0/projects/{project}/drawing_revisions/{revision}");
        let found: Revision = self.get(authority, Endpoint::of(company, &path), &[]).await?;
        let found = Revision {
            id: Some(revision),
            ..found
        };
        found.listed(&HashMap::new()).ok_or(ProcoreError::NotFound)
    }
}

/// A drawing with the revisions that were listed apart from it. Of the current one, both lists know a part.
fn combined(
    drawing: Drawing,
    listed: Vec<RevisionListed>,
    area: Option<String>,
    sets: &HashMap<u64, String>,
) -> DrawingListed {
    let current = drawing.current_revision.and_then(|revision| revision.listed(sets));
    let said = current.as_ref().map(|current| current.id);
    let mut revisions: BTreeMap<u64, RevisionListed> = BTreeMap::new();
    for revision in current.into_iter().chain(listed) {
        let known = revisions.remove(&revision.id);
        let revision = match known {
            Some(known) => known.and(revision),
            None => revision,
        };
        revisions.insert(revision.id, revision);
    }
    let last = revisions
        .values()
        .max_by_key(|revision| (revision.issued_on, revision.id));
    let last = last.map(|last| last.id);
    DrawingListed {
        id: drawing.id,
        number: drawing.number,
        title: drawing.title,
        discipline: drawing.discipline,
        area,
        obsolete: drawing.obsolete,
        current: said.or(last),
        revisions: revisions.into_values().collect(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn drawing(answer: serde_json::Value) -> Drawing {
        serde_json::from_value(answer).unwrap()
    }

    #[test]
    fn the_current_revision_is_what_both_lists_know_of_it() {
        let drawing = drawing(json!({"id": 1, "number": "A-101", "current_revision": {
            "id": 12, "revision_number": "1", "pdf_url": "https://api.procore.com/fresh", "updated_at": "2026-03-02T10:00:00Z",
        }}));
        let listed = |id, number: &str| RevisionListed {
            id,
            number: Some(number.to_owned()),
            set: Some("Bid Set".to_owned()),
            address: Some("https://api.procore.com/stale".to_owned()),
            ..RevisionListed::default()
        };
        let found = combined(drawing, vec![listed(12, "1"), listed(11, "0")], None, &HashMap::new());
        let shown: Vec<_> = found.revisions.iter().map(|one| (one.id, one.set.as_deref())).collect();
        assert_eq!(
            (found.current, shown),
            (Some(12), vec![(11, Some("Bid Set")), (12, Some("Bid Set"))])
        );
        assert_eq!(
            found.revisions[1].address.as_deref(),
            Some("https://api.procore.com/fresh")
        );
    }

    #[test]
    fn the_little_that_procore_promises_is_enough() {
        let promised: Revision = serde_json::from_value(json!({
            "drawing_date": "2026-03-02", "revision_number": "0", "floorplan": false, "drawing_set_id": 5, "drawing_id": 1,
        }))
        .unwrap();
        assert_eq!(promised.listed(&HashMap::new()), None);
        let bare = combined(drawing(json!({"id": 1})), Vec::new(), None, &HashMap::new());
        assert_eq!((bare.current, bare.revisions.len()), (None, 0));
    }
}

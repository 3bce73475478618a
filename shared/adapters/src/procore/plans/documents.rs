//! Documents: the files in a project's folders, with all their versions.

use std::collections::{BTreeMap, HashSet, VecDeque};

use gusset_domain::ids::{CompanyId, ProjectId};
use jiff::Timestamp;
use serde::Deserialize;

use super::{
    super::{Authority, Procore, ProcoreError, endpoint::Endpoint, parsed},
    Listed, RevisionListed, absurd, inner, lenient, open,
};

/// A document, with all its versions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DocumentListed {
    /// Its id in Procore.
    pub id: u64,
    /// Its name, with its ending.
    pub name: Option<String>,
    /// The folders that lead to it, from the outermost one on.
    pub folders: Vec<String>,
    /// What was said of it.
    pub description: Option<String>,
    /// When it was last changed.
    pub changed_at: Option<Timestamp>,
    /// Which of the versions is the current one.
    pub current: Option<u64>,
    /// All of them, the oldest first.
    pub revisions: Vec<RevisionListed>,
}

/// Folders within folders, beyond which something is wrong with them.
const DEEPEST: usize = 50;

/// Folders of one project, each of which costs a call.
const MAX_FOLDERS: usize = 5_000;

/// Documents of one project.
const MAX_DOCUMENTS: usize = 50_000;

#[derive(Deserialize)]
struct Folder {
    #[serde(default, deserialize_with = "lenient::number")]
    id: Option<u64>,
    #[serde(default, deserialize_with = "lenient::text")]
    name: Option<String>,
    #[serde(default, deserialize_with = "lenient::truth")]
    is_deleted: bool,
    #[serde(default, deserialize_with = "lenient::truth")]
    is_recycle_bin: bool,
    #[serde(default, rename = "has_children", deserialize_with = "inner::falsehood")]
    is_empty: bool,
    #[serde(default, deserialize_with = "inner::entries")]
    folders: inner::Inner<Folder>,
    #[serde(default, deserialize_with = "inner::entries")]
    files: inner::Inner<File>,
}

#[derive(Deserialize)]
struct File {
    id: u64,
    #[serde(default, deserialize_with = "lenient::text")]
    name: Option<String>,
    #[serde(default, deserialize_with = "lenient::text")]
    description: Option<String>,
    #[serde(default, deserialize_with = "lenient::truth")]
    is_deleted: bool,
    #[serde(default, deserialize_with = "lenient::moment")]
    updated_at: Option<Timestamp>,
    #[serde(default, deserialize_with = "inner::entries")]
    file_versions: inner::Inner<Version>,
}

#[derive(Deserialize)]
struct Version {
    id: u64,
    #[serde(default, deserialize_with = "lenient::number")]
    number: Option<u64>,
    #[serde(default, deserialize_with = "lenient::text")]
    notes: Option<String>,
    #[serde(default, deserialize_with = "lenient::text")]
    url: Option<String>,
    #[serde(default, deserialize_with = "lenient::number")]
    size: Option<u64>,
    #[serde(default, deserialize_with = "lenient::moment")]
    created_at: Option<Timestamp>,
    #[serde(default, deserialize_with = "inner::url")]
    prostore_file: Option<String>,
}

impl From<Version> for RevisionListed {
    fn from(answer: Version) -> Self {
        Self {
            id: answer.id,
            number: answer.number.map(|number| number.to_string()),
            notes: answer.notes,
            address: answer.url.or(answer.prostore_file),
            size: answer.size,
            changed_at: answer.created_at,
            ..Self::default()
        }
    }
}

impl File {
    fn listed(self, folders: Vec<String>) -> DocumentListed {
        let mut versions = self.file_versions.all;
        versions.sort_by_key(|version| (version.number, version.id));
        DocumentListed {
            id: self.id,
            name: self.name,
            folders,
            description: self.description,
            changed_at: self.updated_at,
            current: versions.last().map(|version| version.id),
            revisions: versions.into_iter().map(RevisionListed::from).collect(),
        }
    }
}

/// A folder whose content is still to be asked for.
struct Waiting {
    id: u64,
    folders: Vec<String>,
}

/// What was found so far.
struct Walk {
    /// Whether nothing was left out of it.
    whole: bool,
    waiting: VecDeque<Waiting>,
    seen: HashSet<u64>,
    documents: BTreeMap<u64, DocumentListed>,
}

impl Walk {
    fn new() -> Self {
        Self {
            whole: true,
            waiting: VecDeque::new(),
            seen: HashSet::new(),
            documents: BTreeMap::new(),
        }
    }

    /// Takes in a folder's content: its files, and the folders in it to be asked for. What was thrown away is left out.
    fn take(&mut self, folder: Folder, path: &[String]) -> Result<(), ProcoreError> {
        self.seen.extend(folder.id);
        self.whole &= folder.files.whole && folder.folders.whole;
        for file in folder.files.all.into_iter().filter(|file| !file.is_deleted) {
            self.documents.insert(file.id, file.listed(path.to_vec()));
        }
        for inner in folder.folders.all {
            if inner.is_deleted || inner.is_recycle_bin {
                continue;
            }
            let Some(id) = inner.id else {
                self.whole = false;
                continue;
            };
            // Be it that it holds itself, or that somebody moves it just now: this listing would not be whole.
            if !self.seen.insert(id) {
                return Err(absurd(format!("the folder {id} is in two folders at once")));
            }
            if inner.is_empty {
                continue;
            }
            let mut folders = path.to_vec();
            folders.push(inner.name.unwrap_or_default());
            self.waiting.push_back(Waiting { id, folders });
        }
        let too_deep = self.waiting.back().is_some_and(|last| last.folders.len() > DEEPEST);
        if too_deep {
            return Err(absurd(format!(
                "the project has folders that are more than {DEEPEST} deep"
            )));
        }
        if self.seen.len() > MAX_FOLDERS {
            return Err(absurd(
                "the project has more than 5,000 folders, which Gusset does not read",
            ));
        }
        if self.documents.len() > MAX_DOCUMENTS {
            return Err(absurd(
                "the project has more than 50,000 documents, which Gusset does not read",
            ));
        }
        Ok(())
    }
}

impl Procore {
    /// A project's documents, as far as the login sees them. A call for each folder that is not empty.
    ///
    /// # Errors
    /// [`ProcoreError`]. A tree that is no tree, or that is deeper or larger than anybody's, is
    /// [`ProcoreError::Unexpected`].
    pub async fn documents(
        &self,
        authority: Authority<'_>,
        company: CompanyId,
        project: ProjectId,
    ) -> Result<Listed<DocumentListed>, ProcoreError> {
        let query = [("project_id", project.to_string())];
        let root_path = "/rest/v1.0/folders";
        let Some(root) = open(self.folder(authority, company, root_path, &query).await)? else {
            return Ok(Listed::ToolClosed);
        };
        let mut walk = Walk::new();
        walk.take(root, &[])?;
        while let Some(next) = walk.waiting.pop_front() {
            let path = format!("{root_path}/{}", next.id);
            match open(self.folder(authority, company, &path, &query).await)? {
                Some(folder) => walk.take(folder, &next.folders)?,
                // It was deleted or closed just now, and the next listing says which.
                None => walk.whole = false,
            }
        }
        Ok(Listed::of(walk.documents.into_values().collect(), walk.whole))
    }

    async fn folder(
        &self,
        authority: Authority<'_>,
        company: CompanyId,
        path: &str,
        query: &[(&str, String)],
    ) -> Result<Folder, ProcoreError> {
        let answer = self.page(authority, Endpoint::of(company, path), query).await?;
        parsed(&answer).map_err(|_| absurd("what Procore answers is no folder"))
    }

    /// A document's version as it is now, with an address that works now. One call.
    ///
    /// # Errors
    /// [`ProcoreError::NotFound`], when the document or the version is gone.
    pub async fn document_version(
        &self,
        authority: Authority<'_>,
        company: CompanyId,
        project: ProjectId,
        document: u64,
        version: u64,
    ) -> Result<RevisionListed, ProcoreError> {
        let path = format!("/rest/v1.0/files/{document}");
        let query = [("project_id", project.to_string())];
        let found: File = self.get(authority, Endpoint::of(company, &path), &query).await?;
        let mut versions = found.file_versions.all.into_iter();
        let found = versions.find(|found| found.id == version);
        found.map(RevisionListed::from).ok_or(ProcoreError::NotFound)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn folder(answer: Value) -> Folder {
        serde_json::from_value(answer).unwrap()
    }

    #[test]
    fn what_was_thrown_away_is_not_listed() {
        let mut walk = Walk::new();
        let root = folder(json!({
            "id": 1,
            "folders": [
                {"id": 2, "name": "Bin", "is_recycle_bin": true, "has_children": true},
                {"id": 3, "name": "Gone", "is_deleted": true},
                {"id": 4, "name": "Empty", "has_children": false},
                {"id": 5, "name": "Reports", "private": true},
            ],
            "files": [{"id": 10, "name": "a.pdf"}, {"id": 11, "name": "b.pdf", "is_deleted": true}],
        }));
        walk.take(root, &[]).unwrap();
        let waiting: Vec<_> = walk
            .waiting
            .iter()
            .map(|next| (next.id, next.folders.concat()))
            .collect();
        assert_eq!(waiting, [(5, "Reports".to_owned())]);
        assert_eq!(walk.documents.keys().collect::<Vec<_>>(), [&10]);
    }

    #[test]
    fn a_folder_that_holds_itself_is_an_error_and_no_endless_way() {
        let mut walk = Walk::new();
        walk.take(folder(json!({"id": 1, "folders": [{"id": 2}]})), &[])
            .unwrap();
        let around = folder(json!({"id": 2, "folders": [{"id": 1}]}));
        assert!(matches!(walk.take(around, &[]), Err(ProcoreError::Unexpected { .. })));
    }

    #[test]
    fn a_tree_without_end_is_an_error() {
        let mut walk = Walk::new();
        let mut path = Vec::new();
        let deep = (1..=1_000).find_map(|id: u64| {
            let taken = walk.take(
                folder(json!({"id": id, "folders": [{"id": id + 1, "name": "x"}]})),
                &path,
            );
            path.push("x".to_owned());
            taken.err().map(|_| id)
        });
        assert_eq!(deep, Some(51));
    }

    #[test]
    fn the_highest_version_is_the_current_one() {
        let file: File = serde_json::from_value(json!({"id": 1, "file_versions": [
            {"id": 30, "number": 2, "url": "https://api.procore.com/2", "size": 5},
            {"id": 31, "number": 1, "prostore_file": {"url": "https://api.procore.com/1"}},
        ]}))
        .unwrap();
        let listed = file.listed(Vec::new());
        let shown: Vec<_> = listed
            .revisions
            .iter()
            .map(|one| (one.id, one.address.as_deref()))
            .collect();
        assert_eq!(listed.current, Some(30));
        assert_eq!(
            shown,
            [
                (31, Some("https://api.procore.com/1")),
                (30, Some("https://api.procore.com/2"))
            ]
        );
    }
}

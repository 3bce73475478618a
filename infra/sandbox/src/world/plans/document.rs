//! The Documents tool: a tree of folders with files, each in versions. What is deleted lies in the recycle bin, where
//! only the tool's admins see it. Private folders and what is in them are the admins' as well.

use std::sync::Arc;

use jiff::Timestamp;
use serde_json::Value;

use super::super::{Actor, Id, Level, Resource, Tool, World, now};
use super::{pdf_size, usual_size};
use crate::files::{Owner, StoredFile};
use crate::papers::{Layout, Paper};
use crate::params::Fields;
use crate::refusal::Refusal;
use crate::webhooks::EventType;

/// A folder; a project's first is its root.
#[derive(Debug, Clone)]
pub(crate) struct Folder {
    pub(crate) id: Id,
    pub(crate) project_id: Id,
    pub(crate) parent_id: Option<Id>,
    pub(crate) name: String,
    pub(crate) private: bool,
    pub(crate) is_recycle_bin: bool,
    pub(crate) updated_at: Timestamp,
}

/// A file, whatever it says at present.
#[derive(Debug, Clone)]
pub(crate) struct Document {
    pub(crate) id: Id,
    pub(crate) project_id: Id,
    pub(crate) folder_id: Id,
    pub(crate) name: String,
    pub(crate) description: Option<String>,
    pub(crate) is_deleted: bool,
    pub(crate) created_at: Timestamp,
    pub(crate) updated_at: Timestamp,
    /// Oldest first; never empty.
    pub(crate) versions: Vec<FileVersion>,
}

/// What a file said once.
#[derive(Debug, Clone)]
pub(crate) struct FileVersion {
    pub(crate) id: Id,
    /// From 1.
    pub(crate) number: usize,
    pub(crate) notes: Option<String>,
    pub(crate) created_by: Id,
    pub(crate) created_at: Timestamp,
    /// A file, by its id.
    pub(crate) content: Option<Id>,
}

/// A file's next version, or a new file's first. What is None is what is usual.
#[derive(Debug, Clone, Default)]
pub(super) struct NewVersion {
    pub(super) name: String,
    /// Names of folders from the root, made where they are missing.
    pub(super) path: Vec<String>,
    pub(super) notes: Option<String>,
    pub(super) description: Option<String>,
    pub(super) size: u64,
}

impl World {
    /// Puts a file into a folder; one that is there already gets a new version.
    pub(crate) fn put_document(
        &mut self,
        actor: &Actor,
        project_id: Id,
        values: &Value,
        mut files: Vec<StoredFile>,
    ) -> Result<Id, Refusal> {
        self.require(actor.person_id, project_id, Tool::Documents, Level::Standard)?;
        self.require_active(project_id)?;
        let file = files.pop();
        let mut fields = Fields::of(values);
        let given = file.as_ref().map(|file| file.name.clone());
        let name = match (fields.text("name"), given) {
            (Some(name), _) | (None, Some(name)) => name,
            (None, None) => fields.required_text("name"),
        };
        let path = fields.text("folder").unwrap_or_default();
        let new = NewVersion {
            size: pdf_size(&mut fields, usual_size(&[&name])),
            name: name.trim().to_owned(),
            path: path
                .split('>')
                .map(|name| name.trim().to_owned())
                .filter(|name| !name.is_empty())
                .collect(),
            notes: fields.text("notes"),
            description: fields.text("description"),
        };
        fields.finish()?;
        let (deepest, _) = self.folder_at(project_id, &new.path)?;
        self.visible_folder(actor.person_id, project_id, deepest)?;
        let folders = self.plans.folders.len();
        let id = self.add_version(actor.person_id, project_id, new, file, now());
        let document = self.plans.documents.get(&id).ok_or(Refusal::NotFound)?;
        let (versions, version_id) = (
            document.versions.len(),
            document.versions.last().map(|version| version.id),
        );
        let made: Vec<Id> = self.plans.folders.keys().copied().skip(folders).collect();
        for folder_id in made {
            self.tell(
                actor,
                project_id,
                Resource::ProjectFolders,
                folder_id,
                EventType::Create,
            );
        }
        let event = if versions == 1 {
            EventType::Create
        } else {
            EventType::Update
        };
        self.tell(actor, project_id, Resource::ProjectFiles, id, event);
        if let Some(version_id) = version_id {
            self.tell(
                actor,
                project_id,
                Resource::ProjectFileVersions,
                version_id,
                EventType::Create,
            );
        }
        Ok(id)
    }

    /// Renames a file.
    pub(crate) fn update_document(
        &mut self,
        actor: &Actor,
        project_id: Id,
        id: Id,
        values: &Value,
    ) -> Result<(), Refusal> {
        self.require(actor.person_id, project_id, Tool::Documents, Level::Standard)?;
        self.require_active(project_id)?;
        let mut fields = Fields::of(values);
        let name = fields.required_text("name");
        fields.finish()?;
        self.visible_document(actor.person_id, project_id, id)?;
        let document = self.plans.documents.get_mut(&id).ok_or(Refusal::NotFound)?;
        document.name = name;
        document.updated_at = now();
        self.tell(actor, project_id, Resource::ProjectFiles, id, EventType::Update);
        Ok(())
    }

    /// Moves a file to the recycle bin; one that is there already goes for good.
    pub(crate) fn delete_document(&mut self, actor: &Actor, project_id: Id, id: Id) -> Result<(), Refusal> {
        self.require(actor.person_id, project_id, Tool::Documents, Level::Admin)?;
        self.require_active(project_id)?;
        if self.visible_document(actor.person_id, project_id, id)?.is_deleted {
            self.plans.documents.remove(&id);
            self.drop_files(Owner::Document(id));
            return Ok(());
        }
        let bin = self.recycle_bin(project_id);
        let document = self.plans.documents.get_mut(&id).ok_or(Refusal::NotFound)?;
        document.folder_id = bin;
        document.is_deleted = true;
        document.updated_at = now();
        self.tell(actor, project_id, Resource::ProjectFiles, id, EventType::Delete);
        Ok(())
    }

    pub(crate) fn visible_document(&self, person_id: Id, project_id: Id, id: Id) -> Result<&Document, Refusal> {
        self.require(person_id, project_id, Tool::Documents, Level::ReadOnly)?;
        let document = self.plans.documents.get(&id);
        let document = document
            .filter(|document| document.project_id == project_id)
            .ok_or(Refusal::NotFound)?;
        self.visible_folder(person_id, project_id, document.folder_id)?;
        Ok(document)
    }

    pub(crate) fn visible_folder(&self, person_id: Id, project_id: Id, id: Id) -> Result<&Folder, Refusal> {
        self.require(person_id, project_id, Tool::Documents, Level::ReadOnly)?;
        let folder = self.plans.folders.get(&id);
        let folder = folder
            .filter(|folder| folder.project_id == project_id)
            .ok_or(Refusal::NotFound)?;
        let admin = self.project_level(person_id, project_id, Tool::Documents) == Level::Admin;
        let hidden = self
            .folders_above(folder)
            .any(|folder| folder.private || folder.is_recycle_bin);
        if hidden && !admin {
            Err(Refusal::NotFound)
        } else {
            Ok(folder)
        }
    }

    /// Where all folders and files of a project are, made when it is first asked for.
    pub(crate) fn root_folder(&mut self, project_id: Id) -> Result<Id, Refusal> {
        let name = self.project(project_id)?.name.clone();
        let mut folders = self.plans.folders.values();
        let known = folders.find(|folder| folder.project_id == project_id && folder.parent_id.is_none());
        Ok(match known {
            Some(root) => root.id,
            None => self.add_folder(project_id, None, &name, now()),
        })
    }

    /// A folder's path of names, from the root.
    pub(crate) fn folder_path(&self, folder: &Folder) -> String {
        let mut names: Vec<&str> = self.folders_above(folder).map(|folder| folder.name.as_str()).collect();
        names.reverse();
        names.join("/")
    }

    /// A folder and those it is in.
    fn folders_above<'a>(&'a self, folder: &'a Folder) -> impl Iterator<Item = &'a Folder> {
        std::iter::successors(Some(folder), |folder| self.plans.folders.get(&folder.parent_id?))
    }

    pub(super) fn add_folder(&mut self, project_id: Id, parent_id: Option<Id>, name: &str, at: Timestamp) -> Id {
        let id = self.new_id();
        let folder = Folder {
            id,
            project_id,
            parent_id,
            name: name.to_owned(),
            private: parent_id
                .and_then(|id| self.plans.folders.get(&id))
                .is_some_and(|parent| parent.private),
            is_recycle_bin: false,
            updated_at: at,
        };
        self.plans.folders.insert(id, folder);
        id
    }

    /// The deepest folder of a path that there is, and the names of those that are missing.
    fn folder_at<'a>(&mut self, project_id: Id, path: &'a [String]) -> Result<(Id, &'a [String]), Refusal> {
        let mut place = self.root_folder(project_id)?;
        let mut missing = path;
        while let [name, rest @ ..] = missing {
            let mut folders = self.plans.folders.values();
            let Some(folder) = folders.find(|folder| folder.parent_id == Some(place) && folder.name == *name) else {
                break;
            };
            (place, missing) = (folder.id, rest);
        }
        Ok((place, missing))
    }

    fn recycle_bin(&mut self, project_id: Id) -> Id {
        let mut folders = self.plans.folders.values();
        let known = folders.find(|folder| folder.project_id == project_id && folder.is_recycle_bin);
        if let Some(bin) = known {
            return bin.id;
        }
        let root = self.root_folder(project_id).ok();
        let id = self.add_folder(project_id, root, "Recycle Bin", now());
        if let Some(bin) = self.plans.folders.get_mut(&id) {
            bin.is_recycle_bin = true;
        }
        id
    }

    /// Adds a version, and the file and folders where they are new. Tells nobody.
    pub(super) fn add_version(
        &mut self,
        created_by: Id,
        project_id: Id,
        new: NewVersion,
        given: Option<StoredFile>,
        at: Timestamp,
    ) -> Id {
        let (mut folder_id, missing) = self.folder_at(project_id, &new.path).unwrap_or_default();
        for name in missing {
            folder_id = self.add_folder(project_id, Some(folder_id), name, at);
        }
        let mut documents = self.plans.documents.values();
        let known = documents
            .find(|document| document.folder_id == folder_id && document.name == new.name)
            .cloned();
        let mut document = known.unwrap_or_else(|| Document {
            id: self.new_id(),
            project_id,
            folder_id,
            name: new.name,
            description: None,
            is_deleted: false,
            created_at: at,
            updated_at: at,
            versions: Vec::new(),
        });
        let number = document.versions.len() + 1;
        let paper = Arc::new(Paper {
            layout: Layout::Page,
            project: self.project_name(project_id),
            number: String::new(),
            title: document.name.trim_end_matches(".pdf").to_owned(),
            revision: number.to_string(),
            date: jiff::tz::TimeZone::UTC.to_datetime(at).date().to_string(),
            pdf_size: new.size,
        });
        let id = document.id;
        let version = FileVersion {
            id: self.new_id(),
            number,
            notes: new.notes,
            created_by,
            created_at: at,
            content: self.keep_pdf(Owner::Document(id), project_id, given, &paper),
        };
        // A version is called as its file is, not as what it was uploaded from.
        if let Some(file) = version.content.and_then(|id| self.files.get_mut(&id)) {
            file.name.clone_from(&document.name);
        }
        document.versions.push(version);
        document.description = new.description.or(document.description);
        document.updated_at = at;
        self.plans.documents.insert(id, document);
        id
    }
}

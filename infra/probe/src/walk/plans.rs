//! Drawings, specifications, documents and bid packages, which are only read.

use super::Walk;
use crate::{
    procore::{As, id_of},
    report::Assumption,
};

const SETS: Assumption = Assumption {
    name: "drawing revisions",
    expected: "name their set by its id",
    consequence: "drawings are shown without their set",
};

/// Divisions in which a section is looked for.
const MAX_DIVISIONS: usize = 20;

impl Walk<'_> {
    pub(super) async fn plans(&mut self) -> Result<(), String> {
        let project = self.procore.project.to_string();
        let in_project = [("project_id", project.as_str())];
        let areas = format!("/rest/v1.1/projects/{project}/drawing_areas");
        let areas = self.procore.get(As::App, &areas, &[]).await?;
        if let Some(area) = areas.entries().first().and_then(id_of) {
            let drawings = format!("/rest/v1.0/drawing_areas/{area}/drawings");
            self.procore.get(As::App, &drawings, &[]).await?;
        }
        let revisions = self.procore.in_project("drawing_revisions");
        let listed = self.procore.get(As::App, &revisions, &[]).await?;
        if let Some(revision) = listed.entries().first() {
            let set = &revision["drawing_set"];
            self.report.check(SETS, id_of(set).is_some(), "no id of a set");
            if let Some(id) = id_of(revision) {
                self.procore.get(As::App, &format!("{revisions}/{id}"), &[]).await?;
            }
        }
        let sets = self.procore.in_project("drawing_sets");
        self.procore.get(As::App, &sets, &[]).await?;

        self.procore
            .get(As::App, "/rest/v1.0/specification_sections", &in_project)
            .await?;
        let divisions = "/rest/v1.0/specification_section_divisions";
        let divisions = self.procore.get(As::App, divisions, &in_project).await?;
        for division in divisions.entries().iter().filter_map(id_of).take(MAX_DIVISIONS) {
            let revisions = "/rest/v1.0/specification_section_revisions";
            let query = [in_project[0], ("specification_section_division_id", division.as_str())];
            let listed = self.procore.get(As::App, revisions, &query).await?;
            if let Some(id) = listed.entries().first().and_then(id_of) {
                let one = format!("{revisions}/{id}");
                self.procore.get(As::App, &one, &in_project).await?;
                break;
            }
        }

        let root = self.procore.get(As::App, "/rest/v1.0/folders", &in_project).await?;
        let first = |kind: &str| root.body[kind].as_array().and_then(|them| them.first()).and_then(id_of);
        let (folder, file) = (first("folders"), first("files"));
        if let Some(folder) = folder {
            let inside = self
                .procore
                .get(As::App, &format!("/rest/v1.0/folders/{folder}"), &in_project)
                .await?;
            let inner = inside.body["files"]
                .as_array()
                .and_then(|files| files.first())
                .and_then(id_of);
            if let Some(file) = file.or(inner) {
                self.procore
                    .get(As::App, &format!("/rest/v1.0/files/{file}"), &in_project)
                    .await?;
            }
        }
        let packages = format!("/rest/v1.1/projects/{project}/bid_packages");
        self.procore.get(As::App, &packages, &[("view", "all")]).await?;
        Ok(())
    }
}

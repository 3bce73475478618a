//! What the documents link to is there.

#![allow(clippy::unwrap_used, reason = "a helper that fails fails its test")]

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

/// Folders that are not the project's own.
const OTHERS: [&str; 5] = [".git", ".stand", ".aws-sam", "node_modules", "target"];

fn documents(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap().map(Result::unwrap) {
        let (path, name) = (entry.path(), entry.file_name());
        if path.is_dir() && !OTHERS.iter().any(|other| name == *other) {
            documents(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "md") {
            found.push(path);
        }
    }
}

/// A document without its code, which links to nothing.
fn prose(text: &str) -> String {
    let blocks = text.split("```").step_by(2);
    blocks.flat_map(|block| block.split('`').step_by(2)).collect()
}

/// Where a document's links lead, without those to other sites.
fn links(text: &str) -> Vec<String> {
    let rest = prose(text);
    let ends = rest.split("](").skip(1).filter_map(|rest| rest.split_once(')'));
    let targets = ends.map(|(target, _)| target.to_owned());
    targets.filter(|target| !target.contains("://")).collect()
}

/// The names by which a document's headings are linked to, as GitHub makes them.
fn anchors(text: &str) -> BTreeSet<String> {
    let outside = text.split("```").step_by(2);
    let headings = outside.flat_map(str::lines).filter(|line| line.starts_with('#'));
    headings
        .map(|heading| {
            let words = heading.trim_start_matches('#').trim().to_lowercase();
            let kept = words.chars().filter(|it| it.is_alphanumeric() || " -_".contains(*it));
            kept.map(|it| if it == ' ' { '-' } else { it }).collect()
        })
        .collect()
}

#[test]
fn every_link_between_documents_leads_somewhere() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(2).unwrap();
    let mut found = Vec::new();
    documents(root, &mut found);
    assert!(found.len() > 10, "{found:?}");
    let mut broken = Vec::new();
    for document in &found {
        let text = fs::read_to_string(document).unwrap();
        for link in links(&text) {
            let (path, anchor) = link.split_once('#').unwrap_or((&link, ""));
            let target = if path.is_empty() {
                document.clone()
            } else {
                document.parent().unwrap().join(path)
            };
            let leads = if anchor.is_empty() {
                target.exists()
            } else {
                fs::read_to_string(&target).is_ok_and(|there| anchors(&there).contains(anchor))
            };
            if !leads {
                broken.push(format!("{}: {link}", document.strip_prefix(root).unwrap().display()));
            }
        }
    }
    assert!(broken.is_empty(), "{broken:#?}");
}

#[test]
fn links_in_code_are_none_and_headings_are_named_as_they_are_linked() {
    let text = "# Look at *it*, now\n[a](b.md#look-at-it-now) `[c](d)` [e](https://f)\n```\n# g\n[h](i)\n```\n";
    assert_eq!(links(text), ["b.md#look-at-it-now"]);
    assert_eq!(anchors(text), BTreeSet::from(["look-at-it-now".to_owned()]));
}

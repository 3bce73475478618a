//! Holds the calls in the sources of the workspace against the files of words.

#![allow(clippy::unwrap_used, clippy::panic, reason = "it is a test")]

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
};

use fluent_syntax::{
    ast::{Entry, Expression, InlineExpression, Pattern, PatternElement},
    parser,
};
use proc_macro2::{Delimiter, TokenStream, TokenTree};

/// The names of arguments by the messages' ids.
type Messages = BTreeMap<String, BTreeSet<String>>;

/// The files of words.
fn languages() -> Vec<PathBuf> {
    let files = fs::read_dir(env!("CARGO_MANIFEST_DIR")).unwrap();
    let files = files.map(|file| file.unwrap().path());
    files
        .filter(|path| path.extension().is_some_and(|it| it == "ftl"))
        .collect()
}

fn messages(file: &Path) -> Messages {
    let text = fs::read_to_string(file).unwrap();
    let resource = parser::parse(text.as_str()).unwrap_or_else(|(_, errors)| panic!("{}: {errors:?}", file.display()));
    let mut messages = Messages::new();
    for entry in &resource.body {
        match entry {
            Entry::Message(message) => {
                let id = message.id.name.to_owned();
                assert!(message.attributes.is_empty(), "{id} has attributes, which nobody says");
                let mut arguments = BTreeSet::new();
                collect(message.value.as_ref().unwrap(), &mut arguments, &id);
                let twice = messages.insert(id, arguments);
                assert!(twice.is_none(), "{} is there twice", message.id.name);
            }
            Entry::Term(term) => panic!("{}: what terms use is not looked at here", term.id.name),
            _ => {}
        }
    }
    messages
}

/// The arguments that a message uses.
fn collect(pattern: &Pattern<&str>, arguments: &mut BTreeSet<String>, id: &str) {
    for element in &pattern.elements {
        match element {
            PatternElement::TextElement { value } => {
                let line = value.trim_end_matches('\n');
                assert!(
                    !line.contains('\n') && line == *value,
                    "{id} goes over more than one line"
                );
            }
            PatternElement::Placeable { expression } => match expression {
                Expression::Inline(it) => inline(it, arguments, id),
                Expression::Select { selector, variants } => {
                    inline(selector, arguments, id);
                    for variant in variants {
                        collect(&variant.value, arguments, id);
                    }
                }
            },
        }
    }
}

fn inline(expression: &InlineExpression<&str>, arguments: &mut BTreeSet<String>, id: &str) {
    match expression {
        InlineExpression::VariableReference { id } => {
            arguments.insert(id.name.to_owned());
        }
        InlineExpression::StringLiteral { .. } | InlineExpression::NumberLiteral { .. } => {}
        _ => panic!("{id} uses what is not looked at here: say it in words and arguments"),
    }
}

/// A call of `say!` or `say_html!`.
struct Call {
    file: PathBuf,
    id: String,
    arguments: BTreeSet<String>,
}

fn calls() -> Vec<Call> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let mut calls = Vec::new();
    for folder in ["shared", "functions"] {
        in_folder(&root.join(folder), &mut calls);
    }
    calls
}

fn in_folder(folder: &Path, calls: &mut Vec<Call>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            in_folder(&path, calls);
        } else if path.extension().is_some_and(|it| it == "rs") {
            let source: TokenStream = fs::read_to_string(&path).unwrap().parse().unwrap();
            in_tokens(source, &path, calls);
        }
    }
}

fn in_tokens(tokens: TokenStream, file: &Path, calls: &mut Vec<Call>) {
    let tokens: Vec<TokenTree> = tokens.into_iter().collect();
    for (place, token) in tokens.iter().enumerate() {
        let TokenTree::Group(group) = token else { continue };
        if group.delimiter() == Delimiter::Parenthesis && is_said(&tokens[..place]) {
            calls.extend(call(group.stream(), file));
        }
        in_tokens(group.stream(), file, calls);
    }
}

/// Whether what stands before a bracket makes it a call.
fn is_said(before: &[TokenTree]) -> bool {
    match before {
        [.., TokenTree::Ident(name), TokenTree::Punct(mark)] => {
            mark.as_char() == '!' && (name == "say" || name == "say_html")
        }
        _ => false,
    }
}

/// None where the id is no literal, which the macros do not take: it is the macro's own pattern.
fn call(tokens: TokenStream, file: &Path) -> Option<Call> {
    let tokens: Vec<TokenTree> = tokens.into_iter().collect();
    let TokenTree::Literal(id) = tokens.first()? else {
        return None;
    };
    let is_mark = |token: &TokenTree, mark| matches!(token, TokenTree::Punct(it) if it.as_char() == mark);
    let arguments = tokens.windows(3).filter_map(|three| match three {
        [comma, TokenTree::Ident(name), equals] if is_mark(comma, ',') && is_mark(equals, '=') => {
            Some(name.to_string())
        }
        _ => None,
    });
    Some(Call {
        file: file.to_owned(),
        id: id.to_string().trim_matches('"').to_owned(),
        arguments: arguments.collect(),
    })
}

#[test]
fn each_call_names_a_message_with_its_arguments() {
    let english = messages(&Path::new(env!("CARGO_MANIFEST_DIR")).join("en.ftl"));
    let wrong: Vec<String> = calls()
        .iter()
        .filter(|call| english.get(&call.id) != Some(&call.arguments))
        .map(|call| {
            let takes = english.get(&call.id);
            format!(
                "{}: {} with {:?}, but takes {takes:?}",
                call.file.display(),
                call.id,
                call.arguments
            )
        })
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn no_message_is_unused() {
    let said: BTreeSet<String> = calls().into_iter().map(|call| call.id).collect();
    let english = messages(&Path::new(env!("CARGO_MANIFEST_DIR")).join("en.ftl"));
    let unused: Vec<&String> = english.keys().filter(|id| !said.contains(*id)).collect();
    assert!(unused.is_empty(), "{unused:?}");
}

#[test]
fn each_language_says_the_same_messages() {
    let english = messages(&Path::new(env!("CARGO_MANIFEST_DIR")).join("en.ftl"));
    for file in languages() {
        let theirs = messages(&file);
        let ids = |messages: &Messages| messages.keys().cloned().collect::<BTreeSet<_>>();
        assert_eq!(ids(&theirs), ids(&english), "{}", file.display());
        for (id, arguments) in &theirs {
            assert!(arguments.is_subset(&english[id]), "{}: {id}", file.display());
        }
    }
}

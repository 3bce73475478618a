//! Procore's API as it is written down in `contract/`: the endpoints that Gusset calls, with the names, types, enumerations
//! and requirements of what is asked and what is answered. No I/O.
//!
//! A shape is a type (`int`, `str`, `date-time`, …), `str=a|b` for an enumeration, `[…]` for a list, an object for an object,
//! or `$name` for one that is described once. A `?` at its end allows null; a `!` at the end of a member's name demands
//! that member. The member `*` stands for any other.

use std::{collections::BTreeMap, fmt};

use jiff::{Timestamp, civil::Date};
use serde::Deserialize;
use serde_json::{Map, Value};
use url::Url;
use uuid::Uuid;

/// The descriptions, and shapes that several of them use.
const SHAPES: (&str, &str) = ("shapes.json", include_str!("../contract/shapes.json"));
const FILES: [(&str, &str); 12] = [
    ("oauth.json", include_str!("../contract/oauth.json")),
    ("people.json", include_str!("../contract/people.json")),
    ("rfis.json", include_str!("../contract/rfis.json")),
    ("site_diary.json", include_str!("../contract/site_diary.json")),
    ("uploads.json", include_str!("../contract/uploads.json")),
    ("places.json", include_str!("../contract/places.json")),
    ("drawings.json", include_str!("../contract/drawings.json")),
    ("specifications.json", include_str!("../contract/specifications.json")),
    ("documents.json", include_str!("../contract/documents.json")),
    ("bid_packages.json", include_str!("../contract/bid_packages.json")),
    ("webhooks.json", include_str!("../contract/webhooks.json")),
    ("webhooks_v1.json", include_str!("../contract/webhooks_v1.json")),
];

/// Stands for a file in what a form says.
const FILE: &str = "\u{0}file";

/// Shapes within shapes, beyond which one holds itself.
const DEEPEST: usize = 20;

/// What of a value is repeated in a difference, in characters.
const LONGEST_SHOWN: usize = 60;

/// A description that does not make sense.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ContractError {
    file: &'static str,
    problem: String,
}

impl fmt::Display for ContractError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}: {}", self.file, self.problem)
    }
}

impl std::error::Error for ContractError {}

/// All endpoints that are described.
#[derive(Debug)]
pub struct Contract {
    endpoints: Vec<Endpoint>,
}

/// One endpoint.
#[derive(Debug)]
pub struct Endpoint {
    method: String,
    path: String,
    area: String,
    company: CompanyHeader,
    used_by: UsedBy,
    query: Vec<Member>,
    send: Vec<Encoding>,
    body: Option<Place>,
    /// By status. None where nothing is said of the body.
    answers: BTreeMap<u16, Option<Place>>,
    source: BTreeMap<Part, Source>,
    note: Option<String>,
}

/// Who makes a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum UsedBy {
    /// The product, and `cargo xtask probe`.
    #[default]
    Product,
    /// `cargo xtask probe` alone, such as to clean up after itself.
    Probe,
}

/// Whether a call carries `Procore-Company-Id`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CompanyHeader {
    /// It has to.
    Required,
    /// It may.
    Optional,
    /// It belongs to no company.
    None,
}

/// How a body is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Encoding {
    /// JSON.
    Json,
    /// A form in a URL's encoding.
    Form,
    /// A form in parts, among which files may be.
    Multipart,
}

/// A part of a description.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Part {
    Query,
    Body,
    Answer,
}

impl Part {
    fn name(self) -> &'static str {
        match self {
            Self::Query => "query",
            Self::Body => "body",
            Self::Answer => "answer",
        }
    }
}

/// Where a part of a description is from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
enum Source {
    /// Procore's published reference.
    #[serde(rename = "reference")]
    Reference,
    /// Examples, guides, or a guess.
    #[serde(rename = "our reading")]
    OurReading,
}

/// A member of an object, or a parameter of a query.
#[derive(Debug)]
struct Member {
    name: String,
    required: bool,
    place: Place,
}

/// A place that holds a value.
#[derive(Debug)]
struct Place {
    shape: Shape,
    nullable: bool,
}

#[derive(Debug)]
enum Shape {
    Plain(Plain),
    /// A type, and what of it is allowed.
    OneOf(Plain, Vec<String>),
    List(Box<Place>),
    Object {
        members: Vec<Member>,
        others: Option<Box<Place>>,
    },
}

/// A type without parts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Plain {
    Any,
    Object,
    Int,
    Number,
    /// A number as text.
    Decimal,
    Str,
    Bool,
    Date,
    DateTime,
    /// Two moments or days, `FROM...TO`.
    Range,
    Url,
    Uuid,
    File,
}

impl Plain {
    fn named(name: &str) -> Option<Self> {
        Some(match name {
            "any" => Self::Any,
            "object" => Self::Object,
            "int" => Self::Int,
            "number" => Self::Number,
            "decimal" => Self::Decimal,
            "str" => Self::Str,
            "bool" => Self::Bool,
            "date" => Self::Date,
            "date-time" => Self::DateTime,
            "range" => Self::Range,
            "url" => Self::Url,
            "uuid" => Self::Uuid,
            "file" => Self::File,
            _ => return None,
        })
    }

    fn in_words(self) -> &'static str {
        match self {
            Self::Any => "anything",
            Self::Object => "an object",
            Self::Int => "a whole number",
            Self::Number => "a number",
            Self::Decimal => "a number as text",
            Self::Str => "a text",
            Self::Bool => "true or false",
            Self::Date => "a day (YYYY-MM-DD)",
            Self::DateTime => "a moment (ISO 8601)",
            Self::Range => "a range FROM...TO",
            Self::Url => "an address",
            Self::Uuid => "a UUID",
            Self::File => "a file",
        }
    }

    fn takes(self, value: &Value, written: Written) -> bool {
        let text = value.as_str();
        let typed = written == Written::Typed;
        match self {
            Self::Any => true,
            Self::Object => value.is_object(),
            Self::Int if typed => value.is_i64() || value.is_u64(),
            Self::Int => text.is_some_and(|text| text.parse::<i64>().is_ok()),
            Self::Number if typed => value.is_number(),
            Self::Number | Self::Decimal => text.is_some_and(|text| text.parse::<f64>().is_ok_and(f64::is_finite)),
            Self::Str => value.is_string(),
            Self::Bool if typed => value.is_boolean(),
            Self::Bool => text.is_some_and(|text| matches!(text, "true" | "false" | "1" | "0")),
            Self::Date => text.is_some_and(|text| text.len() == 10 && text.parse::<Date>().is_ok()),
            Self::DateTime => text.is_some_and(|text| text.parse::<Timestamp>().is_ok()),
            Self::Range => text.is_some_and(|text| {
                let is_end = |text: &str| text.parse::<Timestamp>().is_ok() || text.parse::<Date>().is_ok();
                text.split_once("...")
                    .is_some_and(|(from, to)| is_end(from) && is_end(to))
            }),
            Self::Url => text.is_some_and(|text| Url::parse(text).is_ok()),
            Self::Uuid => text.is_some_and(|text| text.parse::<Uuid>().is_ok()),
            Self::File => value.get(FILE).is_some(),
        }
    }
}

/// How values are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Written {
    /// In JSON, where a number is no text.
    Typed,
    /// In a form or a query, where all is text.
    AsText,
}

/// How something differs from its description.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// The place that differs.
    place: String,
    /// What is there, shortened, where the place holds something else than it should.
    found: Option<String>,
    /// What is wrong with it: "required", "not a number".
    is: String,
    is_more: bool,
}

impl Difference {
    /// A place, and what is wrong with it.
    pub(crate) fn new(place: impl Into<String>, is: impl Into<String>) -> Self {
        Self {
            place: place.into(),
            found: None,
            is: is.into(),
            is_more: false,
        }
    }

    fn of(place: &str, found: &Value, is: impl Into<String>) -> Self {
        Self {
            found: Some(shown(found)),
            ..Self::new(place, is)
        }
    }

    fn more(place: impl Into<String>) -> Self {
        Self {
            is_more: true,
            ..Self::new(place, "not described")
        }
    }

    /// Whether there is merely a member or parameter more than is described.
    #[must_use]
    pub fn is_more(&self) -> bool {
        self.is_more
    }

    /// The same without what is there.
    #[must_use]
    pub fn without_contents(self) -> Self {
        Self { found: None, ..self }
    }
}

impl fmt::Display for Difference {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { place, found, is, .. } = self;
        match found {
            Some(found) => write!(formatter, "{place} is {found}, {is}"),
            None => write!(formatter, "{place} is {is}"),
        }
    }
}

/// What a form says where it has a file.
#[must_use]
pub fn file() -> Value {
    Value::Object(Map::from_iter([(FILE.to_owned(), Value::Bool(true))]))
}

impl Contract {
    /// Reads the descriptions.
    ///
    /// # Errors
    /// [`ContractError`], where one does not make sense.
    pub fn read() -> Result<Self, ContractError> {
        let of = |file: &'static str| move |problem: String| ContractError { file, problem };
        let common: Map<String, Value> =
            serde_json::from_str(SHAPES.1).map_err(|error| of(SHAPES.0)(error.to_string()))?;
        let mut endpoints: Vec<Endpoint> = Vec::new();
        for (file, text) in FILES {
            let described: Described = serde_json::from_str(text).map_err(|error| of(file)(error.to_string()))?;
            let mut shapes = common.clone();
            shapes.extend(described.shapes);
            for endpoint in described.endpoints {
                let endpoint = endpoint.read(&described.area, &shapes).map_err(of(file))?;
                if endpoints.iter().any(|known| known.call() == endpoint.call()) {
                    return Err(of(file)(format!("{} is described twice", endpoint.call())));
                }
                endpoints.push(endpoint);
            }
        }
        Ok(Self { endpoints })
    }

    /// All endpoints, in the order of the descriptions.
    #[must_use]
    pub fn endpoints(&self) -> &[Endpoint] {
        &self.endpoints
    }

    /// The number of the endpoint that a call is made to, the one with the fewest parts of its path left open.
    #[must_use]
    pub fn find(&self, method: &str, path: &str) -> Option<usize> {
        let fits = |endpoint: &&(usize, &Endpoint)| endpoint.1.method == method && fits(&endpoint.1.path, path);
        let all = self.endpoints.iter().enumerate();
        all.collect::<Vec<_>>()
            .iter()
            .filter(fits)
            .min_by_key(|(_, endpoint)| endpoint.path.matches('{').count())
            .map(|(number, _)| *number)
    }

    /// The descriptions as a table in Markdown: each endpoint, and what of it is from the reference.
    #[must_use]
    pub fn table(&self) -> String {
        let mut table = String::new();
        let mut area = "";
        for endpoint in &self.endpoints {
            if endpoint.area != area {
                area = &endpoint.area;
                table.push_str(&format!(
                    "\n**{area}**\n\n| call | from the reference | our reading |\n|---|---|---|\n"
                ));
            }
            let from = |wanted: Source| {
                let parts = endpoint.source.iter().filter(|(_, source)| **source == wanted);
                parts.map(|(part, _)| part.name()).collect::<Vec<_>>().join(", ")
            };
            let (call, reference) = (endpoint.call(), from(Source::Reference));
            let by_probe = match endpoint.used_by {
                UsedBy::Product => String::new(),
                UsedBy::Probe => "Asked by the probe alone.".to_owned(),
            };
            let ours = [
                from(Source::OurReading),
                by_probe,
                endpoint.note.clone().unwrap_or_default(),
            ];
            let ours: Vec<String> = ours.into_iter().filter(|text| !text.is_empty()).collect();
            let ours = ours.join(". ");
            table.push_str(&format!("| `{call}` | {reference} | {ours} |\n"));
        }
        table
    }
}

/// Whether a path is one of a template's.
fn fits(template: &str, path: &str) -> bool {
    let (mut template, mut path) = (template.split('/'), path.split('/'));
    loop {
        match (template.next(), path.next()) {
            (None, None) => return true,
            (Some(wanted), Some(part)) if wanted == part || (wanted.starts_with('{') && !part.is_empty()) => {}
            _ => return false,
        }
    }
}

impl Endpoint {
    /// Its method and path, `GET /rest/v1.0/projects/{id}`.
    #[must_use]
    pub fn call(&self) -> String {
        format!("{} {}", self.method, self.path)
    }

    /// Whether a call carries `Procore-Company-Id`.
    #[must_use]
    pub fn company_header(&self) -> CompanyHeader {
        self.company
    }

    /// Who makes it.
    #[must_use]
    pub fn used_by(&self) -> UsedBy {
        self.used_by
    }

    /// The name of its part of the API, for people.
    #[must_use]
    pub fn area(&self) -> &str {
        &self.area
    }

    /// How a query differs from what is described. `pairs` are names and values, decoded.
    #[must_use]
    pub fn of_query<'a>(&self, pairs: impl Iterator<Item = (&'a str, &'a str)>) -> Vec<Difference> {
        let mut differences = Vec::new();
        let mut given = Vec::new();
        for (name, text) in pairs {
            let bare = name.strip_suffix("[]").unwrap_or(name);
            given.push(bare.to_owned());
            let Some(member) = self.query.iter().find(|member| member.name == bare) else {
                differences.push(Difference::more(format!("the query's {name}")));
                continue;
            };
            let at = format!("the query's {bare}");
            match &member.place.shape {
                // `[1,2]`, `1,2` and one at a time are all the same.
                Shape::List(of) => {
                    let texts = text.trim_matches(['[', ']']).split(',');
                    for text in texts.map(|text| text.trim().trim_matches('"')) {
                        of.hold(&Value::from(text), Written::AsText, &at, &mut differences);
                    }
                }
                _ => member
                    .place
                    .hold(&Value::from(text), Written::AsText, &at, &mut differences),
            }
        }
        let missing = self.query.iter().filter(|member| member.required);
        let missing = missing.filter(|member| !given.contains(&member.name));
        differences.extend(missing.map(|member| Difference::new(format!("the query's {}", member.name), "required")));
        differences
    }

    /// How a body differs from what is described. None is no body.
    #[must_use]
    pub fn of_body(&self, body: Option<(&Value, Encoding)>) -> Vec<Difference> {
        let mut differences = Vec::new();
        match (&self.body, body) {
            (None, None) => {}
            (None, Some(_)) => differences.push(Difference::new("no body", "described")),
            (Some(place), None) => place.hold(&Value::Object(Map::new()), Written::Typed, "the body", &mut differences),
            (Some(_), Some((_, encoding))) if !self.send.contains(&encoding) => {
                differences.push(Difference::new(
                    "the body",
                    format!("{}, which is not described", encoding.in_words()),
                ));
            }
            (Some(place), Some((body, encoding))) => {
                let written = match encoding {
                    Encoding::Json => Written::Typed,
                    Encoding::Form | Encoding::Multipart => Written::AsText,
                };
                place.hold(body, written, "the body", &mut differences);
            }
        }
        differences
    }

    /// Whether the body of an answer with a status is described. A refusal's never is.
    #[must_use]
    pub fn describes_answer(&self, status: u16) -> bool {
        !is_refusal(status) && !matches!(self.answers.get(&status), Some(None))
    }

    /// How an answer differs from what is described. Refusals may be any.
    #[must_use]
    pub fn of_answer(&self, status: u16, body: Option<&Value>) -> Vec<Difference> {
        let mut differences = Vec::new();
        match (self.answers.get(&status), body) {
            (None, _) if is_refusal(status) => {}
            (None, _) => differences.push(Difference::new(
                format!("the answer's status {status}"),
                "not described",
            )),
            (Some(None), _) => {}
            (Some(Some(_)), None) => differences.push(Difference::new("the answer", "not JSON")),
            (Some(Some(place)), Some(body)) => place.hold(body, Written::Typed, "the answer", &mut differences),
        }
        differences
    }
}

fn is_refusal(status: u16) -> bool {
    status >= 400
}

impl Encoding {
    fn in_words(self) -> &'static str {
        match self {
            Self::Json => "JSON",
            Self::Form => "a form",
            Self::Multipart => "a form in parts",
        }
    }
}

impl Place {
    /// Holds a value against what may be here, and writes down how it differs.
    fn hold(&self, value: &Value, written: Written, at: &str, differences: &mut Vec<Difference>) {
        if value.is_null() && (self.nullable || matches!(self.shape, Shape::Plain(Plain::Any))) {
            return;
        }
        match &self.shape {
            Shape::Plain(plain) => {
                if !plain.takes(value, written) {
                    differences.push(Difference::of(at, value, format!("not {}", plain.in_words())));
                }
            }
            Shape::OneOf(plain, allowed) => {
                let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
                if !plain.takes(value, written) || !allowed.contains(&text) {
                    differences.push(Difference::of(at, value, format!("none of {}", allowed.join(", "))));
                }
            }
            Shape::List(of) => match value {
                Value::Array(values) => {
                    for value in values {
                        of.hold(value, written, &format!("{at}[]"), differences);
                    }
                }
                // A form says one thing as it says a list of one.
                _ if written == Written::AsText => of.hold(value, written, at, differences),
                _ => differences.push(Difference::of(at, value, "not a list")),
            },
            Shape::Object { members, others } => match value {
                Value::Object(values) => hold_object(values, (members, others.as_deref()), written, at, differences),
                _ => differences.push(Difference::of(at, value, "not an object")),
            },
        }
    }
}

fn hold_object(
    values: &Map<String, Value>,
    (members, others): (&[Member], Option<&Place>),
    written: Written,
    at: &str,
    differences: &mut Vec<Difference>,
) {
    for (name, value) in values {
        let known = members.iter().find(|member| member.name == *name);
        match known.map(|member| &member.place).or(others) {
            Some(place) => place.hold(value, written, &format!("{at}.{name}"), differences),
            None => differences.push(Difference::more(format!("{at}.{name}"))),
        }
    }
    let missing = members.iter().filter(|member| member.required);
    let missing = missing.filter(|member| !values.contains_key(&member.name));
    differences.extend(missing.map(|member| Difference::new(format!("{at}.{}", member.name), "required")));
}

fn shown(value: &Value) -> String {
    let text = value.to_string();
    if text.chars().count() <= LONGEST_SHOWN {
        return text;
    }
    let kept: String = text.chars().take(LONGEST_SHOWN).collect();
    format!("{kept}…")
}

/// A file of descriptions.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Described {
    area: String,
    #[serde(default)]
    shapes: Map<String, Value>,
    endpoints: Vec<DescribedEndpoint>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct DescribedEndpoint {
    call: String,
    company: CompanyHeader,
    #[serde(default)]
    used_by: UsedBy,
    #[serde(default)]
    query: Map<String, Value>,
    #[serde(default)]
    send: Vec<Encoding>,
    body: Option<Value>,
    answers: BTreeMap<u16, Value>,
    source: BTreeMap<Part, Source>,
    note: Option<String>,
}

impl DescribedEndpoint {
    fn read(self, area: &str, shapes: &Map<String, Value>) -> Result<Endpoint, String> {
        let call = self.call;
        let (method, path) = call.split_once(' ').ok_or_else(|| format!("{call:?} is no call"))?;
        let in_call = |problem: String| format!("{call}: {problem}");
        let query = members(&self.query, shapes, DEEPEST).map_err(in_call)?;
        let body = self.body.map(|body| place(&body, shapes, DEEPEST)).transpose();
        let body = body.map_err(in_call)?;
        let answers = self.answers.into_iter().map(|(status, answer)| {
            let place = (!answer.is_null()).then(|| place(&answer, shapes, DEEPEST));
            Ok((status, place.transpose()?))
        });
        let answers: BTreeMap<_, _> = answers.collect::<Result<_, String>>().map_err(in_call)?;
        // Each part says where it is from, and no other.
        for (part, is_there) in [
            (Part::Query, !query.is_empty()),
            (Part::Body, body.is_some()),
            (Part::Answer, answers.values().any(Option::is_some)),
        ] {
            if self.source.contains_key(&part) != is_there {
                return Err(in_call(format!(
                    "its source is to be of what it describes: {}",
                    part.name()
                )));
            }
        }
        let send = if self.send.is_empty() {
            vec![Encoding::Json]
        } else {
            self.send
        };
        Ok(Endpoint {
            method: method.to_owned(),
            path: path.to_owned(),
            area: area.to_owned(),
            company: self.company,
            used_by: self.used_by,
            query,
            send,
            body,
            answers,
            source: self.source,
            note: self.note,
        })
    }
}

fn members(described: &Map<String, Value>, shapes: &Map<String, Value>, depth: usize) -> Result<Vec<Member>, String> {
    let read = described.iter().map(|(name, shape)| {
        let bare = name.strip_suffix('!');
        Ok(Member {
            name: bare.unwrap_or(name).to_owned(),
            required: bare.is_some(),
            place: place(shape, shapes, depth)?,
        })
    });
    read.collect()
}

fn place(described: &Value, shapes: &Map<String, Value>, depth: usize) -> Result<Place, String> {
    let deeper = depth.checked_sub(1).ok_or_else(|| "a shape holds itself".to_owned())?;
    match described {
        Value::String(text) => named(text, shapes, deeper),
        Value::Array(of) => match of.as_slice() {
            [of] => Ok(Place {
                shape: Shape::List(Box::new(place(of, shapes, deeper)?)),
                nullable: false,
            }),
            _ => Err("a list has one shape".to_owned()),
        },
        Value::Object(described) => {
            let mut members = members(described, shapes, deeper)?;
            let others = members.iter().position(|member| member.name == "*");
            let others = others.map(|at| Box::new(members.remove(at).place));
            Ok(Place {
                shape: Shape::Object { members, others },
                nullable: false,
            })
        }
        other => Err(format!("{other} is no shape")),
    }
}

/// A shape in one text: a type, an enumeration or a name.
fn named(text: &str, shapes: &Map<String, Value>, depth: usize) -> Result<Place, String> {
    let (bare, nullable) = match text.strip_suffix('?') {
        Some(bare) => (bare, true),
        None => (text, false),
    };
    if let Some(name) = bare.strip_prefix('$') {
        let shape = shapes.get(name).ok_or_else(|| format!("there is no shape {name}"))?;
        let known = place(shape, shapes, depth)?;
        return Ok(Place {
            nullable: nullable || known.nullable,
            ..known
        });
    }
    let (kind, allowed) = match bare.split_once('=') {
        Some((kind, allowed)) => (kind, Some(allowed)),
        None => (bare, None),
    };
    let plain = Plain::named(kind).ok_or_else(|| format!("{kind:?} is no type"))?;
    let shape = match allowed {
        Some(allowed) => Shape::OneOf(plain, allowed.split('|').map(str::to_owned).collect()),
        None => Shape::Plain(plain),
    };
    Ok(Place { shape, nullable })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn endpoint(described: Value) -> Endpoint {
        let described: DescribedEndpoint = serde_json::from_value(described).unwrap();
        let shapes = json!({"person": {"id!": "int", "name": "str?"}});
        described.read("Test", shapes.as_object().unwrap()).unwrap()
    }

    fn creating() -> Endpoint {
        endpoint(json!({
            "call": "POST /rest/things", "company": "required", "send": ["json", "multipart"],
            "query": {"page": "int", "filters[id]": ["int"], "since!": "date", "view": "str=all|none"},
            "body": {"thing!": {"subject!": "str", "size": "int", "manager": "$person?", "files": ["file"], "kind": "str=a|b"}},
            "answers": {"201": [{"id!": "int", "value": "decimal?", "more": {"*": "str"}}], "204": null},
            "source": {"query": "reference", "body": "reference", "answer": "our reading"},
        }))
    }

    fn told(differences: Vec<Difference>) -> Vec<String> {
        differences.iter().map(ToString::to_string).collect()
    }

    fn of_query(query: &[(&str, &str)]) -> Vec<String> {
        told(creating().of_query(query.iter().copied()))
    }

    #[test]
    fn the_descriptions_make_sense() {
        let contract = Contract::read().unwrap_or_else(|error| panic!("{error}"));
        assert!(contract.endpoints().len() > 30);
        let table = contract.table();
        for endpoint in contract.endpoints() {
            assert!(table.contains(&format!("| `{}` |", endpoint.call())));
        }
    }

    #[test]
    fn the_endpoint_that_names_most_of_a_path_is_meant() {
        let contract = Contract::read().unwrap();
        let call = |method: &str, path: &str| {
            contract
                .find(method, path)
                .map(|number| contract.endpoints()[number].call())
        };
        let rfis = "/rest/v1.0/projects/20001/rfis";
        assert_eq!(
            call("GET", &format!("{rfis}/17")).as_deref(),
            Some("GET /rest/v1.0/projects/{project_id}/rfis/{id}")
        );
        let managers = call("GET", &format!("{rfis}/potential_rfi_managers"));
        assert!(managers.is_some_and(|call| call.ends_with("/potential_rfi_managers")));
        for (method, path) in [
            ("DELETE", rfis),
            ("GET", "/rest/v1.0/projects/"),
            ("GET", "/rest/v1.0/odd"),
        ] {
            assert_eq!(call(method, path), None, "{method} {path}");
        }
    }

    #[test]
    fn a_query_is_held_against_names_types_and_what_is_required() {
        for (query, expected) in [
            (
                &[
                    ("since", "2026-11-20"),
                    ("page", "2"),
                    ("filters[id]", "1,2"),
                    ("view", "all"),
                ][..],
                &[][..],
            ),
            (&[("since", "2026-11-20"), ("filters[id][]", "7")], &[]),
            (&[], &["the query's since is required"]),
            (
                &[("since", "soon"), ("page", "two")],
                &[
                    "the query's since is \"soon\", not a day (YYYY-MM-DD)",
                    "the query's page is \"two\", not a whole number",
                ],
            ),
            (
                &[("since", "2026-11-20"), ("veiw", "all"), ("view", "some")],
                &[
                    "the query's veiw is not described",
                    "the query's view is \"some\", none of all, none",
                ],
            ),
        ] {
            assert_eq!(of_query(query), expected, "{query:?}");
        }
    }

    #[test]
    fn a_body_is_held_against_the_description() {
        let difference = |body: Value| told(creating().of_body(Some((&body, Encoding::Json)))).join("; ");
        for (thing, expected) in [
            (json!({"subject": "x", "size": 3, "manager": null, "kind": "a"}), ""),
            (json!({"size": 3}), "the body.thing.subject is required"),
            (
                json!({"subject": "x", "size": "3"}),
                "the body.thing.size is \"3\", not a whole number",
            ),
            (json!({"subject": null}), "the body.thing.subject is null, not a text"),
            (
                json!({"subject": "x", "subjcet": 1}),
                "the body.thing.subjcet is not described",
            ),
            (
                json!({"subject": "x", "kind": "c"}),
                "the body.thing.kind is \"c\", none of a, b",
            ),
            (
                json!({"subject": "x", "manager": {}}),
                "the body.thing.manager.id is required",
            ),
            (
                json!({"subject": "x", "files": ["a.pdf"]}),
                "the body.thing.files[] is \"a.pdf\", not a file",
            ),
        ] {
            assert_eq!(difference(json!({ "thing": thing })), expected);
        }
        assert_eq!(told(creating().of_body(None)), ["the body.thing is required"]);
        let form = json!({"thing": {"subject": "x", "size": "3", "files": [file()]}});
        assert!(creating().of_body(Some((&form, Encoding::Multipart))).is_empty());
        assert_eq!(
            told(creating().of_body(Some((&form, Encoding::Form)))),
            ["the body is a form, which is not described"]
        );
    }

    #[test]
    fn an_answer_is_held_against_the_description_and_a_refusal_is_not() {
        let difference = |status, body: Value| told(creating().of_answer(status, Some(&body))).join("; ");
        let whole = json!([{"id": 1, "value": "1.50", "more": {"a": "b"}}]);
        for (status, body, expected) in [
            (201, whole.clone(), ""),
            (200, whole, "the answer's status 200 is not described"),
            (
                201,
                json!([{"id": 1, "value": 1.5}]),
                "the answer[].value is 1.5, not a number as text",
            ),
            (201, json!({"id": 1}), "the answer is {\"id\":1}, not a list"),
            (201, json!([{"value": null}]), "the answer[].id is required"),
            (204, json!("any"), ""),
            (422, json!({"errors": {}}), ""),
        ] {
            assert_eq!(difference(status, body), expected);
        }
        assert_eq!(told(creating().of_answer(201, None)), ["the answer is not JSON"]);
    }

    #[test]
    fn a_difference_can_be_told_without_what_is_there() {
        let answer = json!([{"id": "A, not B is C", "beyond": "Secret"}]);
        let differences = creating().of_answer(201, Some(&answer));
        let (more, others): (Vec<_>, Vec<_>) = differences.into_iter().partition(Difference::is_more);
        assert_eq!(told(more), ["the answer[].beyond is not described"]);
        let others: Vec<_> = others.into_iter().map(Difference::without_contents).collect();
        assert_eq!(told(others), ["the answer[].id is not a whole number"]);
    }

    #[test]
    fn a_description_that_makes_no_sense_is_refused() {
        let read = |described: Value| {
            let described: DescribedEndpoint = serde_json::from_value(described).unwrap();
            let shapes = json!({"loop": {"again": "$loop"}});
            described.read("Test", shapes.as_object().unwrap()).map(drop)
        };
        let with_answer = |answer: Value| {
            read(
                json!({"call": "GET /x", "company": "none", "answers": {"200": answer}, "source": {"answer": "reference"}}),
            )
        };
        for answer in [
            json!("itn"),
            json!("$nothing"),
            json!(["int", "str"]),
            json!("$loop"),
            json!(7),
        ] {
            assert!(with_answer(answer.clone()).is_err(), "{answer}");
        }
        let without_source = json!({"call": "GET /x", "company": "none", "answers": {"200": "int"}, "source": {}});
        assert!(read(without_source).is_err());
    }
}

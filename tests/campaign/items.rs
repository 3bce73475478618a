//! The items of a campaign, and what is to become of each.

use fastrand::Rng;
use gusset_tests::{Company, Person, Tool, api, connected::Pair};
use reqwest::Method;
use serde_json::{Value, json};

/// What is to become of an item.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fate {
    /// It arrives once.
    Arrives,
    /// It is a draft that nobody opened, or private: it stays.
    Stays,
    /// It was deleted right after it was created: it arrived by then, or its delivery says that it is gone, or nobody heard of it.
    IsDeleted,
}

/// An item that was created.
#[derive(Debug)]
pub(crate) struct Created {
    /// Over which pair.
    pub(crate) pair: usize,
    /// Whether in the project of the company that asked for the connection.
    pub(crate) in_south: bool,
    pub(crate) tool: Tool,
    pub(crate) id: u64,
    /// Words that no other item has.
    pub(crate) title: String,
    pub(crate) fate: Fate,
}

/// Creates items, and goes on with drafts.
pub(crate) struct Items<'a> {
    pairs: &'a [Pair],
    chance: Rng,
    all: Vec<Created>,
    /// Drafts that are still to be opened, by their place in `all`.
    drafts: Vec<usize>,
}

impl<'a> Items<'a> {
    pub(crate) fn new(pairs: &'a [Pair], chance: Rng) -> Self {
        Self {
            pairs,
            chance,
            all: Vec::new(),
            drafts: Vec::new(),
        }
    }

    pub(crate) fn all(&self) -> &[Created] {
        &self.all
    }

    /// Creates an item in one of a pair's projects.
    pub(crate) async fn create(&mut self, pair: usize) {
        let in_south = self.chance.bool();
        let tool = *self.chance.choice(&Tool::ALL).unwrap();
        let title = format!("Item {:05} of the campaign", self.all.len());
        let (company, person) = sender(&self.pairs[pair], in_south);
        let mut fields = tool.item(company, &title);
        let mut fate = Fate::Arrives;
        if tool == Tool::Rfis {
            match self.chance.u8(..10) {
                0 => {
                    fields["private"] = json!(true);
                    fate = Fate::Stays;
                }
                1 => {
                    fields["draft"] = json!(true);
                    fate = Fate::Stays;
                }
                2 | 3 => {
                    fields["draft"] = json!(true);
                    self.drafts.push(self.all.len());
                }
                _ => {}
            }
        }
        let mut attachments = json!([]);
        if self.chance.u8(..6) == 0 {
            let size = self.chance.u32(..200_000);
            attachments = json!([{"name": format!("{title}.pdf"), "content_type": "application/pdf", "size": size}]);
        }
        let stand = &self.pairs[pair].stand;
        let id = stand.create_as(company, tool, fields, attachments).await;
        if fate == Fate::Arrives && !self.drafts.contains(&self.all.len()) {
            match self.chance.u8(..25) {
                0 => {
                    let path = format!("/projects/{}/{}/{id}", company.project().id, tool.path());
                    stand
                        .side_door(Method::DELETE, &path, json!({"login": person.login}))
                        .await;
                    fate = Fate::IsDeleted;
                }
                1 | 2 => {
                    // Somebody sends it by hand as well. Gusset may have trouble of its own just then.
                    let items = format!("/connections/{}/items", self.pairs[pair].connection);
                    let wanted = json!({"tool": tool.name(), "item_id": id});
                    person.post(&api(company.project(), &items), wanted).await;
                }
                _ => {}
            }
        }
        self.all.push(Created {
            pair,
            in_south,
            tool,
            id,
            title,
            fate,
        });
    }

    /// Has the next draft opened, or a reply made to it, which changes nothing. False when there is none left.
    pub(crate) async fn go_on(&mut self) -> bool {
        if self.drafts.is_empty() {
            return false;
        }
        let item = &self.all[self.drafts.remove(0)];
        let (company, _) = sender(&self.pairs[item.pair], item.in_south);
        let opened = json!({"status": "open"});
        self.pairs[item.pair]
            .stand
            .change(company, item.tool, item.id, opened)
            .await;
        true
    }
}

/// The company in whose project an item was created, and its admin.
fn sender(pair: &Pair, in_south: bool) -> (&Company, &Person) {
    let (company, person) = if in_south { &pair.south } else { &pair.harbour };
    (company, person)
}

impl Created {
    /// The projects that it was created in, and that it arrives in.
    pub(crate) fn way<'a>(&self, pairs: &'a [Pair]) -> (&'a Company, &'a Company) {
        let pair = &pairs[self.pair];
        if self.in_south {
            (&pair.south.0, &pair.harbour.0)
        } else {
            (&pair.harbour.0, &pair.south.0)
        }
    }

    /// Whether a delivery is of this item.
    pub(crate) fn is_of(&self, delivery: &Value) -> bool {
        delivery["item"] == self.id && delivery["tool"] == self.tool.name()
    }
}

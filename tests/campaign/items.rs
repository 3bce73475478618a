//! The items of a campaign, and what is to become of each.

use fastrand::Rng;
use gusset_tests::{Tool, api};
use reqwest::Method;
use serde_json::{Value, json};

use crate::site::{Site, Way};

/// The most attachments that an item has.
const MAX_FILES: usize = 40;

/// What is to become of an item.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fate {
    /// It arrives.
    Arrives,
    /// It is private, a draft that nobody opened, or its side sends nothing by itself: it stays.
    Stays,
    /// It was deleted: it arrived by then, or its delivery says that it is gone, or nobody heard of it.
    IsDeleted,
    /// Its connection ended, or what its side sends was changed, before it was across for certain: it arrived, or its delivery
    /// says why not, or nobody heard of it.
    IsOpen,
}

/// An item that was created.
#[derive(Debug)]
pub(crate) struct Created {
    /// Between the projects of which site.
    pub(crate) site: usize,
    /// Whether in the project of the company that asked for the connection, and the tool.
    pub(crate) way: Way,
    pub(crate) id: u64,
    /// Words that no other item has.
    pub(crate) title: String,
    /// How many files it has.
    pub(crate) files: usize,
    /// What is to become of it if nothing changes.
    fate: Fate,
    /// What [`Site::turn`] was.
    turn: u32,
}

/// Creates items, and goes on with drafts.
pub(crate) struct Items {
    chance: Rng,
    all: Vec<Created>,
    /// Drafts that are still to be opened, by their place in `all`.
    drafts: Vec<usize>,
}

impl Items {
    pub(crate) fn new(chance: Rng) -> Self {
        Self {
            chance,
            all: Vec::new(),
            drafts: Vec::new(),
        }
    }

    pub(crate) fn all(&self) -> &[Created] {
        &self.all
    }

    /// Creates an item in one of a site's projects.
    pub(crate) async fn create(&mut self, number: usize, site: &Site) {
        let way = (self.chance.bool(), *self.chance.choice(&Tool::ALL).unwrap());
        let (in_south, tool) = way;
        let title = format!("Item {:05} of the campaign", self.all.len());
        let (company, _) = site.side(in_south);
        let mut fields = tool.item(company, &title);
        let mut fate = if site.is_automatic(way) {
            Fate::Arrives
        } else {
            Fate::Stays
        };
        let mut is_draft = false;
        if tool == Tool::Rfis {
            // Its manager may have lost the role just now.
            fields["rfi_manager_id"] = json!(company.people[0].1);
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
                    is_draft = true;
                }
                _ => {}
            }
        }
        if tool != Tool::Notes && !site.locations[usize::from(in_south)].is_empty() && self.chance.bool() {
            let location = self.chance.choice(&site.locations[usize::from(in_south)]).unwrap();
            fields["location_id"] = json!(location);
        }
        let attachments: Vec<Value> = (0..self.files()).map(|number| self.file(&title, number)).collect();
        let files = attachments.len();
        let id = site.stand().create_as(company, tool, fields, json!(attachments)).await;
        if is_draft {
            self.drafts.push(self.all.len());
        } else if fate == Fate::Arrives {
            match self.chance.u8(..25) {
                0 => {
                    delete(site, way, id).await;
                    fate = Fate::IsDeleted;
                }
                // Somebody sends it by hand as well. Gusset may have trouble of its own just then.
                1 | 2 => send_by_hand(site, in_south, tool, id).await,
                _ => {}
            }
        }
        self.all.push(Created {
            site: number,
            way,
            id,
            title,
            files,
            fate,
            turn: site.turn(way),
        });
    }

    /// None, mostly; a few, sometimes; many, now and then.
    fn files(&mut self) -> usize {
        match self.chance.u8(..120) {
            0..18 => self.chance.usize(1..4),
            18..20 => self.chance.usize(4..=MAX_FILES),
            _ => 0,
        }
    }

    fn file(&mut self, title: &str, number: usize) -> Value {
        let size = self.chance.u32(1..30_000);
        json!({"name": format!("{title}, {number}.pdf"), "content_type": "application/pdf", "size": size})
    }

    /// Has the next draft opened. False when there is none left.
    pub(crate) async fn go_on(&mut self, sites: &[Site]) -> bool {
        if self.drafts.is_empty() {
            return false;
        }
        let item = &mut self.all[self.drafts.remove(0)];
        let site = &sites[item.site];
        let (company, _) = site.side(item.way.0);
        let opened = json!({"status": "open"});
        site.stand().change(company, item.way.1, item.id, opened).await;
        // It sets out now.
        if item.fate != Fate::IsDeleted {
            item.turn = site.turn(item.way);
            item.fate = if site.is_automatic(item.way) {
                Fate::Arrives
            } else {
                Fate::Stays
            };
        }
        true
    }

    /// Has somebody send an item by hand that may be across already, or a copy back to where it came from.
    pub(crate) async fn send_again(&mut self, sites: &[Site]) {
        let Some(at) = (!self.all.is_empty()).then(|| self.chance.usize(..self.all.len())) else {
            return;
        };
        let item = &self.all[at];
        let (site, (in_south, tool)) = (&sites[item.site], item.way);
        if item.fate != Fate::Arrives || self.drafts.contains(&at) {
            return;
        }
        if self.chance.bool() {
            return send_by_hand(site, in_south, tool, item.id).await;
        }
        let arrived = site.stand().arrived(site.side(!in_south).0.project()).await;
        if let Some(copy) = arrived.iter().find(|copy| item.is_in(&copy.all)) {
            send_by_hand(site, !in_south, tool, copy.id).await;
        }
    }

    /// An item that is deleted while a list is read, and where: it was created lately, so that it may still be on its way.
    pub(crate) fn doomed(&mut self, number: usize) -> Option<&Created> {
        let recent = self.all.len().saturating_sub(60)..self.all.len();
        let at = self.chance.usize(recent);
        let drafts = &self.drafts;
        let item = self.all.get_mut(at)?;
        if item.site != number || item.fate != Fate::Arrives || drafts.contains(&at) {
            return None;
        }
        item.fate = Fate::IsDeleted;
        Some(item)
    }
}

async fn delete(site: &Site, (in_south, tool): Way, id: u64) {
    let (company, person) = site.side(in_south);
    let path = format!("/projects/{}/{}/{id}", company.project().id, tool.path());
    let by = json!({"login": person.login});
    site.stand().side_door(Method::DELETE, &path, by).await;
}

/// Whether it is let is not looked at: the item may be across, or Procore may fail.
async fn send_by_hand(site: &Site, in_south: bool, tool: Tool, id: u64) {
    let (company, person) = site.side(in_south);
    let items = format!("/connections/{}/items", site.pair.connection);
    let wanted = json!({"tool": tool.name(), "item_id": id});
    person.post(&api(company.project(), &items), wanted).await;
}

impl Created {
    /// What is to become of it, after all that has happened between its site's projects.
    pub(crate) fn fate(&self, sites: &[Site]) -> Fate {
        match self.fate {
            fate @ (Fate::IsDeleted | Fate::IsOpen) => fate,
            // Private ones and drafts stay, whatever changes; the others may be heard of late.
            fate if self.turn == sites[self.site].turn(self.way) => fate,
            _ => Fate::IsOpen,
        }
    }

    /// Whether a delivery of its site is of this item.
    pub(crate) fn is_of(&self, delivery: &Value) -> bool {
        delivery["item"] == self.id && delivery["tool"] == self.way.1.name()
    }

    /// Whether an item of Procore's has its words.
    pub(crate) fn is_in(&self, item: &Value) -> bool {
        item.to_string().contains(&self.title)
    }
}
